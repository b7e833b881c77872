#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/rest.h"
#include "authz/check.h"
#include "base/result.h"
#include "http/message.h"
#include "s3/object_info.h"
#include "s3/request_headers.h"

namespace signet::s3 {

// What requests about objects have in common.

// Buckets have no versions: the only version id an object has is "null". InvalidArgument for any
// other.
[[nodiscard]] Status check_version(const api::RestRequest& request);

// The action for a request that names a version ("s3:GetObjectVersion" for "s3:GetObject"), and its
// context key.
[[nodiscard]] std::string version_action(const api::RestRequest& request, std::string_view action);
[[nodiscard]] std::vector<authz::ContextEntry> version_keys(const api::RestRequest& request);

// Context keys of headers that an upload, copy or multipart upload may carry
// (policy-semantics 5.4). Absent stays absent.
[[nodiscard]] std::vector<authz::ContextEntry> upload_keys(const RequestHeaders& headers);

// x-amz-checksum-<algorithm> and x-amz-checksum-type.
void add_checksum_headers(http::ResponseHeaders& headers, const ObjectChecksum& checksum);

// "FULL_OBJECT" or "COMPOSITE".
[[nodiscard]] std::string_view checksum_kind_name(ChecksumKind kind);

// Largest object of one PutObject or CopyObject, and largest part: 5 GiB.
inline constexpr std::uint64_t kUploadMax = 5ULL << 30U;

}  // namespace signet::s3
