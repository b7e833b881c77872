#include "iam/credential_report.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "codec/time.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "iam/checks.h"
#include "identity/transaction.h"

namespace signet::iam {

namespace {

constexpr std::string_view kHeader =
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,"
    "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,"
    "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
constexpr std::string_view kNone = "N/A";
constexpr std::size_t kSlots = 2;  // of access keys, and of certificates
constexpr std::int64_t kSecondsADay = 86'400;

// One line of the report (RFC 4180).
class Row {
 public:
  void add(std::string_view text) {
    if (!text_.empty()) {
      text_ += ',';
    }
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
      text_ += text;
      return;
    }
    text_ += '"';
    for (const char c : text) {
      text_.append(c == '"' ? 2 : 1, c);
    }
    text_ += '"';
  }

  void add_time(std::optional<Instant> time, std::string_view otherwise = kNone) {
    add(time ? codec::format_iso8601(*time) : std::string(otherwise));
  }

  void add_flag(bool value) { add(std::string_view(value ? "true" : "false")); }

  void add_none(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      add(kNone);
    }
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Whose credentials a row tells of: a user, or root under the account's id.
struct Holder {
  const identity::Account& account;
  const std::string& id;
  const std::optional<identity::LoginProfile>& login;
};

// When the password must be changed; nothing if it need not be.
std::optional<Instant> next_rotation(const identity::Account& account,
                                     const identity::LoginProfile& login) {
  const std::uint32_t days = account.password_policy ? account.password_policy->max_age_days : 0;
  return days == 0 ? std::nullopt : std::optional(login.changed.plus_seconds(days * kSecondsADay));
}

void add_password(Row& row, const Holder& holder, const identity::Snapshot& snapshot) {
  std::optional<Instant> used;
  std::optional<Instant> changed;
  std::optional<Instant> next;
  if (holder.login) {
    if (const auto* last = snapshot.find<identity::LastUsed>(holder.id)) {
      used = last->at;
    }
    changed = holder.login->changed;
    next = next_rotation(holder.account, *holder.login);
  }
  row.add_flag(holder.login.has_value());
  row.add_time(used, holder.login ? "no_information" : kNone);
  row.add_time(changed);
  if (holder.id == holder.account.id) {
    row.add("not_supported");
  } else {
    row.add_time(next);
  }
}

// Active keys first (aws-wire 4.20).
void add_keys(Row& row, const Holder& holder, const identity::Snapshot& snapshot) {
  auto keys = snapshot.access_keys_of(holder.account.id, holder.id);
  std::ranges::stable_partition(
      keys, [](const auto* key) { return key->status == identity::KeyStatus::Active; });
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    if (slot >= keys.size()) {
      row.add_flag(false);
      row.add_none(4);
      continue;
    }
    const identity::AccessKey& key = *keys[slot];
    row.add_flag(key.status == identity::KeyStatus::Active);
    row.add_time(key.created);
    const identity::LastUsed* used = snapshot.find<identity::LastUsed>(key.id);
    if (used == nullptr) {
      row.add_none(3);
      continue;
    }
    row.add_time(used->at);
    row.add(used->region);
    row.add(used->service);
  }
}

// Inactive certificates first (aws-wire 4.20), the older before the newer.
void add_certificates(Row& row, const Holder& holder, const identity::Snapshot& snapshot) {
  auto certificates = snapshot.signing_certificates_of(holder.account.id, holder.id);
  std::ranges::sort(certificates, {}, [](const auto* certificate) {
    return std::tuple(
        certificate->status == identity::KeyStatus::Active, certificate->uploaded, certificate->id);
  });
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const auto* certificate = slot < certificates.size() ? certificates[slot] : nullptr;
    row.add_flag(certificate != nullptr && certificate->status == identity::KeyStatus::Active);
    row.add_time(certificate != nullptr ? std::optional(certificate->uploaded) : std::nullopt);
  }
}

void add_credentials(Row& row, const Holder& holder, const identity::Snapshot& snapshot) {
  add_password(row, holder, snapshot);
  row.add_flag(!snapshot.mfa_devices_of(holder.account.id, holder.id).empty());
  add_keys(row, holder, snapshot);
  add_certificates(row, holder, snapshot);
}

bool is_pending(const identity::CredentialReport& report) {
  return report.content.empty();
}

bool is_expired(const identity::CredentialReport& report, Instant now) {
  return now >= report.generated.plus_seconds(facts::kCredentialReportSecondsMax);
}

}  // namespace

std::string credential_report(const identity::Snapshot& snapshot,
                              const identity::Account& account) {
  std::string report(kHeader);
  Row root;
  root.add("<root_account>");
  root.add(model::root_arn(account.id));
  root.add_time(account.created);
  add_credentials(
      root, {.account = account, .id = account.id, .login = account.root_login}, snapshot);
  report += '\n';
  report += root.text();
  for (const auto& entry : snapshot.table<identity::User>(account.id)) {
    const identity::User& user = *entry.value;
    Row row;
    row.add(user.name);
    row.add(identity::arn_of(user));
    row.add_time(user.created);
    add_credentials(row, {.account = account, .id = user.id, .login = user.login}, snapshot);
    report += '\n';
    report += row.text();
  }
  return report;
}

Status make_credential_reports(identity::Directory& directory, Instant now) {
  const auto snapshot = directory.current();
  for (const identity::CredentialReport* pending : snapshot->pending_credential_reports()) {
    identity::CredentialReport made = *pending;
    made.content = credential_report(*snapshot, *snapshot->find<identity::Account>(made.account));
    made.generated = now;
    const auto put = [made = std::move(made)](const identity::Snapshot& newest,
                                              identity::Transaction& transaction) -> Status {
      // Its account may have gone, or the state gone back to one without it.
      const auto* asked = newest.find<identity::CredentialReport>(made.account);
      if (asked != nullptr && is_pending(*asked) && asked->requested == made.requested) {
        transaction.put(made);
      }
      return {};
    };
    TRY_STATUS(directory.apply(put));
  }
  return {};
}

// GenerateCredentialReport

Result<GenerateCredentialReportResponse> handle(const api::Authorized&,
                                                const GenerateCredentialReportRequest&,
                                                api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const auto* report = context.snapshot.find<identity::CredentialReport>(account);
  if (report != nullptr && is_pending(*report)) {
    return GenerateCredentialReportResponse{.state = "INPROGRESS", .description = {}};
  }
  if (report != nullptr && !is_expired(*report, context.request.now)) {
    return GenerateCredentialReportResponse{.state = "COMPLETE", .description = {}};
  }
  context.transaction->put(identity::CredentialReport{
      .account = account, .requested = context.request.now, .generated = {}, .content = {}});
  return GenerateCredentialReportResponse{
      .state = "STARTED", .description = "No report exists. Starting a new report generation task"};
}

// GetCredentialReport. Its refusals have no sentence (aws-wire 4.20).

Result<GetCredentialReportResponse> handle(const api::Authorized&,
                                           const GetCredentialReportRequest&,
                                           api::HandlerContext& context) {
  const auto* report = context.snapshot.find<identity::CredentialReport>(context.caller.account);
  if (report == nullptr) {
    return std::unexpected(facts::make_error(ErrorCode::ReportNotPresent));
  }
  if (is_pending(*report)) {
    return std::unexpected(facts::make_error(ErrorCode::ReportInProgress));
  }
  if (is_expired(*report, context.request.now)) {
    return std::unexpected(facts::make_error(ErrorCode::ReportExpired));
  }
  return GetCredentialReportResponse{
      .content = report->content, .report_format = "text/csv", .generated_time = report->generated};
}

}  // namespace signet::iam
