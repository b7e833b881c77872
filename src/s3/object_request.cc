#include "s3/object_request.h"

#include <array>
#include <optional>

#include "base/strings.h"
#include "s3/answers.h"

namespace signet::s3 {
namespace {

constexpr std::array<std::string_view, 15> kUploadKeys = {
    "x-amz-acl",
    "x-amz-copy-source",
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

std::optional<std::string_view> version_of(const api::RestRequest& request) {
  return param_of(request, "versionId");
}

}  // namespace

Status check_version(const api::RestRequest& request) {
  const auto version = version_of(request);
  if (version && *version != "null") {
    return std::unexpected(invalid_argument("Invalid version id specified", "versionId", *version));
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

std::vector<authz::ContextEntry> upload_keys(const RequestHeaders& headers) {
  std::vector<authz::ContextEntry> keys;
  for (const std::string_view name : kUploadKeys) {
    if (const auto value = headers.find(name)) {
      keys.push_back({.key = concat("s3:", name), .values = {std::string(*value)}});
    }
  }
  return keys;
}

void add_checksum_headers(http::ResponseHeaders& headers, const ObjectChecksum& checksum) {
  headers.add(crypto::checksum_header(checksum.algorithm), checksum.value);
  headers.add("x-amz-checksum-type", checksum_kind_name(checksum.kind));
}

std::string_view checksum_kind_name(ChecksumKind kind) {
  return kind == ChecksumKind::FullObject ? "FULL_OBJECT" : "COMPOSITE";
}

}  // namespace signet::s3
