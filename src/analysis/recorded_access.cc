#include "analysis/recorded_access.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "analysis/record_parts.h"
#include "base/strings.h"
#include "codec/json.h"
#include "facts/catalogue.h"
#include "model/arn.h"
#include "policy_engine/decide.h"

namespace signet::analysis {
namespace {

using codec::Json;

bool is_known(std::string_view action) {
  const std::size_t colon = action.find(':');
  const facts::CatalogueService* service = facts::find_service(action.substr(0, colon));
  return service != nullptr && colon != std::string_view::npos &&
         service->action(action.substr(colon + 1)).has_value();
}

std::string resource_of(const Json& record) {
  const Json* resources = record.find("resources");
  if (resources == nullptr || resources->items().empty()) {
    return "*";
  }
  return std::string(resources->items().front().string_at("ARN"));
}

}  // namespace

RecordedAccess::RecordedAccess(std::string principal_arn, std::string since, std::string until)
    : principal_(std::move(principal_arn)), since_(std::move(since)), until_(std::move(until)) {
  constexpr std::string_view kSession = "assumed-role/";
  const auto parts = model::split_arn(principal_);
  if (parts && parts->service == "sts" && parts->resource.starts_with(kSession)) {
    const std::string_view rest = parts->resource.substr(kSession.size());
    role_ = rest.substr(0, rest.find('/'));
    account_ = parts->account;
  }
}

// A session's ARN has the role's name without its path: names are unique within an account.
bool RecordedAccess::is_of_principal(std::string_view arn) const {
  if (role_.empty()) {
    return arn == principal_;
  }
  const auto parts = model::split_arn(arn);
  return parts && parts->service == "iam" && parts->account == account_ &&
         parts->resource.starts_with("role/") &&
         parts->resource.substr(parts->resource.rfind('/') + 1) == role_;
}

void RecordedAccess::add(std::string_view line) {
  if (line.find(role_.empty() ? principal_ : role_) == std::string_view::npos) {
    return;
  }
  const std::optional<Json> record = Json::parse(line);
  if (!record || !is_of_principal(principal_of(*record)) ||
      !record->string_at("errorCode").empty()) {
    return;
  }
  const std::string_view time = record->string_at("eventTime");
  if (time.substr(0, since_.size()) < since_ || time.substr(0, until_.size()) > until_) {
    return;
  }
  records_ += 1;
  const auto note = [&](std::string_view action, std::string_view resource) {
    if (policy::needs_no_permission(action)) {
      return;
    }
    Uses& uses = accesses_[{.action = std::string(action), .resource = std::string(resource)}];
    uses.count += 1;
    if (uses.first.empty() || time < uses.first) {
      uses.first = time;
    }
    uses.last = std::max(uses.last, std::string(time));
  };
  if (const Json* checked = checked_actions(*record); checked != nullptr) {
    for (const Json& check : checked->items()) {
      note(check.string_at("action"), check.string_at("resource"));
    }
    return;
  }
  const std::string event = event_of(*record);
  if (is_known(event)) {
    note(event, resource_of(*record));
  } else {
    unexplained_[event] += 1;
  }
}

}  // namespace signet::analysis
