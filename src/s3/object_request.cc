#include "s3/object_request.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/uri.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"
#include "s3/document_form.h"
#include "s3/object_lock.h"
#include "s3/tags.h"

namespace signet::s3 {
namespace {

constexpr std::array<std::string_view, 14> kUploadKeys = {
    "x-amz-acl",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "if-match",
    "if-none-match"};

// Headers of an upload, or beginnings of them ("...-"), and the action that each asks for besides
// s3:PutObject.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kImplied = {{
    {"x-amz-acl", "s3:PutObjectAcl"},
    {"x-amz-grant-", "s3:PutObjectAcl"},
    {"x-amz-object-lock-legal-hold", "s3:PutObjectLegalHold"},
    {"x-amz-object-lock-mode", "s3:PutObjectRetention"},
    {"x-amz-object-lock-retain-until-date", "s3:PutObjectRetention"},
    {"x-amz-tagging", "s3:PutObjectTagging"},
}};

std::optional<std::string_view> named_version(const api::RestRequest& request) {
  return request.param("versionId");
}

}  // namespace

bool is_version_id(std::string_view text, VersionIds ids) {
  if (ids == VersionIds::OfUpstream) {
    constexpr std::size_t kLongest = 1024;
    return !text.empty() && text.size() <= kLongest &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
  }
  constexpr std::size_t kDigits = 32;
  return text == objects::kNullVersion ||
         (text.size() == kDigits &&
          text.find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

Result<std::string> version_of(const api::RestRequest& request, VersionIds ids) {
  const auto version = named_version(request);
  if (version && !is_version_id(*version, ids)) {
    return about(version_id_invalid(), "versionId", *version);
  }
  return std::string(version.value_or(""));
}

std::string version_action(const api::RestRequest& request, std::string_view action) {
  return concat(action, named_version(request) ? "Version" : "");
}

std::vector<authz::ContextEntry> version_keys(const api::RestRequest& request) {
  std::vector<authz::ContextEntry> keys;
  if (const auto version = named_version(request)) {
    keys.push_back({.key = "s3:VersionId", .values = {std::string(*version)}});
  }
  return keys;
}

std::vector<authz::ContextEntry> upload_keys(const RequestHeaders& headers,
                                             Creation creation,
                                             Instant now) {
  std::vector<authz::ContextEntry> keys;
  for (const std::string_view name : kUploadKeys) {
    if (const auto value = headers.find(name)) {
      keys.push_back({.key = concat("s3:", name), .values = {std::string(*value)}});
    }
  }
  // Tags that cannot be read are refused by who stores them.
  add_request_tag_keys(tags_of_request(headers).value_or(Tags()), keys);
  add_lock_keys(headers, now, keys);
  keys.push_back({.key = "s3:ObjectCreationOperation",
                  .values = {creation == Creation::MakesObject ? "true" : "false"}});
  return keys;
}

std::vector<std::string_view> implied_actions(const RequestHeaders& headers) {
  std::vector<std::string_view> actions;
  for (const auto& [header, action] : kImplied) {
    bool is_given = false;
    static_cast<void>(headers.visit(header, [&](std::string_view name, std::string_view) -> Status {
      is_given = is_given || header.ends_with('-') || name == header;
      return {};
    }));
    if (is_given && std::find(actions.begin(), actions.end(), action) == actions.end()) {
      actions.push_back(action);
    }
  }
  return actions;
}

Status check_encoding(std::optional<std::string_view> type) {
  return !type || *type == "url" ? Status()
                                 : about(encoding_type_invalid(), "encoding-type", *type);
}

std::string encoded(std::optional<std::string_view> type, std::string_view text) {
  return type ? codec::percent_encode(text, codec::Slash::Keep) : std::string(text);
}

Result<std::int64_t> page_size(std::optional<std::string_view> text, std::string_view name) {
  constexpr std::int64_t kPageMax = facts::kObjectsPerPage;
  if (!text || text->empty()) {
    return kPageMax;
  }
  const auto number = parse_decimal(*text);
  if (!number || *number > INT32_MAX) {
    return about(page_size_invalid(name), name, *text);
  }
  return std::min(*number, kPageMax);
}

std::vector<authz::ContextEntry> list_keys(const api::RestRequest& request) {
  // An empty parameter is a value; an absent one is no key.
  std::vector<authz::ContextEntry> keys;
  for (const std::string_view name : {"prefix", "delimiter"}) {
    if (const auto value = request.param(name)) {
      keys.push_back({.key = concat("s3:", name), .values = {std::string(*value)}});
    }
  }
  // Always there (condition operators, "s3:max-keys"): leaving the parameter out asks for 1,000.
  const std::string_view max_keys = request.param("max-keys").value_or("");
  keys.push_back(
      {.key = "s3:max-keys", .values = {max_keys.empty() ? "1000" : std::string(max_keys)}});
  return keys;
}

Result<std::int64_t> max_keys_of(const api::RestRequest& request) {
  const auto given = request.param("max-keys");
  const bool is_negative = given && given->starts_with('-') && parse_decimal(given->substr(1));
  return is_negative ? about(max_keys_negative(), "maxKeys", *given) : page_size(given, "max-keys");
}

void add_encryption_header(http::ResponseHeaders& headers, bool is_encrypted) {
  if (is_encrypted) {
    headers.add("x-amz-server-side-encryption", "AES256");
  }
}

void add_version_header(http::ResponseHeaders& headers,
                        objects::Versioning versioning,
                        const objects::ObjectInfo& info) {
  if (versioning != objects::Versioning::Off) {
    headers.add("x-amz-version-id", objects::shown_version(info));
  }
}

objects::Versioning versioning_of(const identity::Bucket& bucket) {
  const std::string* kept =
      kept_document(bucket, facts::bucket_document_row(facts::BucketDocument::Versioning));
  if (kept == nullptr) {
    return objects::Versioning::Off;
  }
  return kept->contains("<Status>Enabled</Status>") ? objects::Versioning::Enabled
                                                    : objects::Versioning::Suspended;
}

Error no_such_version(std::string_view key, std::string_view version) {
  Error error = facts::make_error(ErrorCode::S3NoSuchVersion);
  error.fields.emplace_back("Key", key);
  error.fields.emplace_back("VersionId", version);
  return error;
}

void add_checksum_headers(http::ResponseHeaders& headers, const objects::ObjectChecksum& checksum) {
  headers.add(crypto::checksum_header(checksum.algorithm), checksum.value);
  headers.add("x-amz-checksum-type", checksum_kind_name(checksum.kind));
}

std::string_view checksum_kind_name(objects::ChecksumKind kind) {
  return kind == objects::ChecksumKind::FullObject ? "FULL_OBJECT" : "COMPOSITE";
}

bool must_download(const api::RestRequest& request, const model::Caller& caller) {
  const bool is_link = caller.kind == model::CallerKind::Anonymous || request.is_presigned;
  return is_link && RequestHeaders(request).find("sec-fetch-dest") == "document";
}

std::string as_attachment(std::string_view disposition) {
  const std::size_t semicolon = disposition.find(';');
  return concat(
      "attachment",
      semicolon == std::string_view::npos ? std::string_view() : disposition.substr(semicolon));
}

}  // namespace signet::s3
