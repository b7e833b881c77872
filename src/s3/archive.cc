#include "s3/archive.h"

#include <optional>

#include "base/strings.h"
#include "codec/time.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/upload_headers.h"

namespace signet::s3 {
namespace {

// On disk: do not change.
constexpr std::string_view kRestore = "x-amz-restore";

bool is_restored(const objects::StoredHeaders& stored, Instant now) {
  const auto until = restored_until(stored);
  return until && now < *until;
}

}  // namespace

bool is_archive_class(std::string_view storage_class) {
  return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE";
}

std::optional<Instant> restored_until(const objects::StoredHeaders& stored) {
  return codec::parse_iso8601(objects::stored_header(stored, kRestore).value_or(""));
}

void set_restored(objects::StoredHeaders& stored, std::optional<Instant> until) {
  objects::set_stored_header(
      stored, kRestore, until ? std::optional(codec::format_iso8601(*until)) : std::nullopt);
}

Status check_readable(const objects::StoredHeaders& stored, Instant now) {
  const std::string_view storage_class = storage_class_of(stored);
  if (!is_archive_class(storage_class) || is_restored(stored, now)) {
    return {};
  }
  Error error = facts::make_error(ErrorCode::InvalidObjectState);
  error.fields.emplace_back("StorageClass", storage_class);
  return std::unexpected(std::move(error));
}

Status check_copyable(const objects::StoredHeaders& stored, Instant now) {
  return check_readable(stored, now) ? Status() : copy_of_archived();
}

std::optional<std::string> shown_restore(const objects::StoredHeaders& stored, Instant now) {
  if (!is_archive_class(storage_class_of(stored)) || !is_restored(stored, now)) {
    return std::nullopt;
  }
  return concat("ongoing-request=\"false\", expiry-date=\"",
                codec::format_http_date(*restored_until(stored)),
                "\"");
}

}  // namespace signet::s3
