#include "s3/object_request.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/uri.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"
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

std::optional<std::string_view> version_of(const api::RestRequest& request) {
  return request.param("versionId");
}

}  // namespace

Status check_version(const api::RestRequest& request) {
  const auto version = version_of(request);
  if (version && *version != "null") {
    return about(version_id_invalid(), "versionId", *version);
  }
  return {};
}

std::string version_action(const api::RestRequest& request, std::string_view action) {
  return concat(action, version_of(request) ? "Version" : "");
}

std::vector<authz::ContextEntry> version_keys(const api::RestRequest& request) {
  std::vector<authz::ContextEntry> keys;
  if (const auto version = version_of(request)) {
    keys.push_back({.key = "s3:VersionId", .values = {std::string(*version)}});
  }
  return keys;
}

std::vector<authz::ContextEntry> upload_keys(const RequestHeaders& headers, Creation creation) {
  std::vector<authz::ContextEntry> keys;
  for (const std::string_view name : kUploadKeys) {
    if (const auto value = headers.find(name)) {
      keys.push_back({.key = concat("s3:", name), .values = {std::string(*value)}});
    }
  }
  // Tags that cannot be read are refused by who stores them.
  add_request_tag_keys(tags_of_request(headers).value_or(Tags()), keys);
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

void add_checksum_headers(http::ResponseHeaders& headers, const objects::ObjectChecksum& checksum) {
  headers.add(crypto::checksum_header(checksum.algorithm), checksum.value);
  headers.add("x-amz-checksum-type", checksum_kind_name(checksum.kind));
}

std::string_view checksum_kind_name(objects::ChecksumKind kind) {
  return kind == objects::ChecksumKind::FullObject ? "FULL_OBJECT" : "COMPOSITE";
}

}  // namespace signet::s3
