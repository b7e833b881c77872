#include "s3/object_lock.h"

#include <utility>

#include "base/strings.h"
#include "codec/time.h"
#include "codec/xml_reader.h"
#include "facts/errors.h"
#include "facts/s3_documents.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"
#include "s3/document_form.h"

namespace signet::s3 {
namespace {

// Headers, and the names under which they are stored. On disk: do not change.
constexpr std::string_view kMode = "x-amz-object-lock-mode";
constexpr std::string_view kUntil = "x-amz-object-lock-retain-until-date";
constexpr std::string_view kLegalHold = "x-amz-object-lock-legal-hold";
constexpr std::string_view kBypass = "x-amz-bypass-governance-retention";

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

const facts::BucketDocumentRow& lock_row() {
  return facts::bucket_document_row(facts::BucketDocument::ObjectLock);
}

bool is_active(const std::optional<Retention>& retention, Instant now) {
  return retention && retention->until > now;
}

// The day that so many years are from now: the same one, or the 28th for a 29th of February.
Instant years_after(Instant now, std::int64_t years) {
  constexpr std::size_t kYearDigits = 4;
  std::string text = codec::format_iso8601_ms(now);
  const std::string year =
      std::to_string(parse_decimal(text.substr(0, kYearDigits)).value_or(0) + years);
  text.replace(0, kYearDigits, year);
  if (const auto same_day = codec::parse_iso8601(text)) {
    return *same_day;
  }
  constexpr std::size_t kDay = 8;
  text.replace(kDay, 2, "28");
  return codec::parse_iso8601(text).value_or(now);
}

Result<Retention> asked_retention(std::string_view mode, std::string_view until, Instant now) {
  const auto known = lock_mode_named(mode);
  if (!known) {
    return about(lock_mode_unknown(), kMode, mode);
  }
  const auto day = codec::parse_iso8601(until);
  if (!day) {
    return about(retain_until_invalid(), kUntil, until);
  }
  if (*day <= now) {
    return about(retain_until_past(), kUntil, until);
  }
  return Retention{.mode = *known, .until = *day};
}

Result<bool> asked_hold(std::string_view text) {
  return text == "ON" || text == "OFF" ? Result<bool>(text == "ON")
                                       : about(legal_hold_invalid(), kLegalHold, text);
}

}  // namespace

std::optional<LockMode> lock_mode_named(std::string_view name) {
  if (name == "GOVERNANCE") {
    return LockMode::Governance;
  }
  return name == "COMPLIANCE" ? std::optional(LockMode::Compliance) : std::nullopt;
}

std::string_view name_of(LockMode mode) {
  return mode == LockMode::Governance ? "GOVERNANCE" : "COMPLIANCE";
}

bool is_protected(const ObjectLock& lock, Instant now, Bypass bypass) {
  const bool is_bypassed = bypass == Bypass::Governance && lock.retention &&
                           lock.retention->mode == LockMode::Governance;
  return lock.legal_hold.value_or(false) || (is_active(lock.retention, now) && !is_bypassed);
}

std::function<bool(const objects::ObjectInfo&)> keeps_locked(const identity::Bucket& bucket,
                                                             Instant now,
                                                             Bypass bypass) {
  if (!has_object_lock(bucket)) {
    return nullptr;
  }
  return [now, bypass](const objects::ObjectInfo& info) {
    return is_protected(lock_of(info.headers), now, bypass);
  };
}

Status check_new_retention(const ObjectLock& lock,
                           const std::optional<Retention>& wanted,
                           Instant now,
                           Bypass bypass) {
  if (!is_active(lock.retention, now)) {
    return {};
  }
  const bool is_extended =
      wanted && wanted->mode == lock.retention->mode && wanted->until >= lock.retention->until;
  const bool is_bypassed =
      bypass == Bypass::Governance && lock.retention->mode == LockMode::Governance;
  return is_extended || is_bypassed ? Status() : std::unexpected(object_locked());
}

Error object_locked() {
  return object_is_locked().error();
}

ObjectLock lock_of(const objects::StoredHeaders& stored) {
  ObjectLock lock;
  const auto mode = objects::stored_header(stored, kMode);
  const auto until = objects::stored_header(stored, kUntil);
  if (mode || until) {
    const auto known = lock_mode_named(mode.value_or(""));
    const auto day = codec::parse_iso8601(until.value_or(""));
    lock.retention = known && day
                         ? Retention{.mode = *known, .until = *day}
                         : Retention{.mode = LockMode::Compliance, .until = Instant{INT64_MAX}};
  }
  if (const auto hold = objects::stored_header(stored, kLegalHold)) {
    lock.legal_hold = *hold != "OFF";
  }
  return lock;
}

void set_lock(objects::StoredHeaders& stored, const ObjectLock& lock) {
  const auto set = [&stored](std::string_view name, bool is_given, std::string_view value) {
    objects::set_stored_header(
        stored, name, is_given ? std::optional(std::string(value)) : std::nullopt);
  };
  const bool is_retained = lock.retention.has_value();
  set(kMode, is_retained, is_retained ? name_of(lock.retention->mode) : "");
  set(kUntil, is_retained, is_retained ? codec::format_iso8601_ms(lock.retention->until) : "");
  set(kLegalHold, lock.legal_hold.has_value(), lock.legal_hold.value_or(false) ? "ON" : "OFF");
}

bool has_object_lock(const identity::Bucket& bucket) {
  return kept_document(bucket, lock_row()) != nullptr;
}

void enable_object_lock(identity::Bucket& bucket) {
  const auto keep = [&](const facts::BucketDocumentRow& row, std::string_view member) {
    codec::XmlElement root;
    root.children.push_back({.name = std::string(member), .text = "Enabled", .children = {}});
    const std::string text = document_text(row, root);
    keep_document(bucket, row, &text);
  };
  keep(facts::bucket_document_row(facts::BucketDocument::Versioning), "Status");
  keep(lock_row(), "ObjectLockEnabled");
}

Result<ObjectLock> asked_lock(const RequestHeaders& headers,
                              const identity::Bucket& bucket,
                              Instant now) {
  const auto mode = headers.find(kMode);
  const auto until = headers.find(kUntil);
  const auto hold = headers.find(kLegalHold);
  ObjectLock lock;
  if (!mode && !until && !hold) {
    return lock;
  }
  if (!has_object_lock(bucket)) {
    return bucket_without_lock();
  }
  if (mode.has_value() != until.has_value()) {
    return about(retention_incomplete(), mode ? kUntil : kMode);
  }
  if (mode) {
    lock.retention = TRY(asked_retention(*mode, *until, now));
  }
  if (hold) {
    lock.legal_hold = TRY(asked_hold(*hold));
  }
  return lock;
}

void add_default_retention(ObjectLock& lock, const identity::Bucket& bucket, Instant now) {
  const std::string* kept = kept_document(bucket, lock_row());
  const auto root = kept == nullptr || lock.retention ? std::nullopt : codec::read_xml(*kept);
  const codec::XmlElement* rule = root ? root->find("Rule") : nullptr;
  const codec::XmlElement* preset = rule != nullptr ? rule->find("DefaultRetention") : nullptr;
  const auto mode =
      preset != nullptr ? lock_mode_named(preset->text_of("Mode").value_or("")) : std::nullopt;
  if (!mode) {
    return;
  }
  if (const auto days = parse_decimal(preset->text_of("Days").value_or(""))) {
    lock.retention = Retention{.mode = *mode, .until = Instant{now.unix_ms + *days * kDayMs}};
  } else if (const auto years = parse_decimal(preset->text_of("Years").value_or(""))) {
    lock.retention = Retention{.mode = *mode, .until = years_after(now, *years)};
  }
}

Status check_bypass(const RequestHeaders& headers, const identity::Bucket& bucket) {
  return headers.find(kBypass) && !has_object_lock(bucket)
             ? about(governance_bypass_without_lock(), kBypass)
             : Status();
}

bool asks_bypass(const RequestHeaders& headers) {
  return equals_ignore_case(headers.find(kBypass).value_or(""), "true");
}

void add_retention_keys(std::string_view mode,
                        std::string_view until,
                        Instant now,
                        std::vector<authz::ContextEntry>& keys) {
  if (!mode.empty()) {
    keys.push_back({.key = "s3:object-lock-mode", .values = {std::string(mode)}});
  }
  const auto day = codec::parse_iso8601(until);
  if (!day) {
    return;  // refused by who stores it
  }
  const std::int64_t left = std::max<std::int64_t>(day->unix_ms - now.unix_ms, 0);
  keys.push_back({.key = "s3:object-lock-retain-until-date", .values = {std::string(until)}});
  keys.push_back({.key = "s3:object-lock-remaining-retention-days",
                  .values = {std::to_string((left + kDayMs - 1) / kDayMs)}});
}

void add_lock_keys(const RequestHeaders& headers,
                   Instant now,
                   std::vector<authz::ContextEntry>& keys) {
  add_retention_keys(
      headers.find(kMode).value_or(""), headers.find(kUntil).value_or(""), now, keys);
  if (const auto hold = headers.find(kLegalHold)) {
    keys.push_back({.key = "s3:object-lock-legal-hold", .values = {std::string(*hold)}});
  }
}

}  // namespace signet::s3
