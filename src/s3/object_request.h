#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/rest.h"
#include "authz/check.h"
#include "base/result.h"
#include "http/message.h"
#include "objects/object_info.h"
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

// Whether a call makes an object at once, or but prepares one that CompleteMultipartUpload makes.
enum class Creation : std::uint8_t { MakesObject, PreparesObject };

// Context keys of headers that an upload, copy or multipart upload may carry
// (policy-semantics 5.4), and s3:ObjectCreationOperation (S3 user guide, enforce conditional
// writes). Absent stays absent. x-amz-copy-source is not among them: see CopyInvocation.
[[nodiscard]] std::vector<authz::ContextEntry> upload_keys(const RequestHeaders& headers,
                                                           Creation creation);

// The actions that headers of an upload ask for besides s3:PutObject (S3 PutObject, permissions):
// s3:PutObjectAcl and so on; each once.
[[nodiscard]] std::vector<std::string_view> implied_actions(const RequestHeaders& headers);

// encoding-type of a listing: "url" or nothing. InvalidArgument.
[[nodiscard]] Status check_encoding(std::optional<std::string_view> type);

// A text of a listing as its encoding-type wants it; as it is without one.
[[nodiscard]] std::string encoded(std::optional<std::string_view> type, std::string_view text);

// A paging number of the query, at most 1,000. InvalidArgument.
[[nodiscard]] Result<std::int64_t> page_size(std::optional<std::string_view> text,
                                             std::string_view name);

// x-amz-checksum-<algorithm> and x-amz-checksum-type.
void add_checksum_headers(http::ResponseHeaders& headers, const objects::ObjectChecksum& checksum);

// "FULL_OBJECT" or "COMPOSITE".
[[nodiscard]] std::string_view checksum_kind_name(objects::ChecksumKind kind);

}  // namespace signet::s3
