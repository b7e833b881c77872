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
#include "identity/entities.h"
#include "objects/object_info.h"
#include "objects/object_store.h"
#include "s3/request_headers.h"

namespace signet::s3 {

// What requests about objects have in common.

// Whose ids of versions: those of this store (32 hexadecimal digits, or "null"), or an upstream's,
// which may be any text without spaces.
enum class VersionIds : std::uint8_t { Own, OfUpstream };

// Whether a text is the id of a version, there or not.
[[nodiscard]] bool is_version_id(std::string_view text, VersionIds ids = VersionIds::Own);

// The version that a request names; empty: none. InvalidArgument for what is no id of one.
[[nodiscard]] Result<std::string> version_of(const api::RestRequest& request,
                                             VersionIds ids = VersionIds::Own);

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
                                                           Creation creation,
                                                           Instant now);

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

// Context keys of a listing of objects or versions (condition operators): s3:prefix, s3:delimiter,
// s3:max-keys.
[[nodiscard]] std::vector<authz::ContextEntry> list_keys(const api::RestRequest& request);

// Its max-keys, at most 1,000. InvalidArgument.
[[nodiscard]] Result<std::int64_t> max_keys_of(const api::RestRequest& request);

// x-amz-server-side-encryption of an answer about bytes that are encrypted at rest; none where they
// are not.
void add_encryption_header(http::ResponseHeaders& headers, bool is_encrypted);

// x-amz-version-id, of a version of a bucket that keeps them or did once.
void add_version_header(http::ResponseHeaders& headers,
                        objects::Versioning versioning,
                        const objects::ObjectInfo& info);

// Whether a bucket keeps versions.
[[nodiscard]] objects::Versioning versioning_of(const identity::Bucket& bucket);

// NoSuchVersion, naming what was asked for.
[[nodiscard]] Error no_such_version(std::string_view key, std::string_view version);

// x-amz-checksum-<algorithm> and x-amz-checksum-type.
void add_checksum_headers(http::ResponseHeaders& headers, const objects::ObjectChecksum& checksum);

// Whether a browser must not show an answer as a page, since the link to it is of somebody else's
// making (sign-in 6.1).
[[nodiscard]] bool must_download(const api::RestRequest& request, const model::Caller& caller);

// "attachment", with the file name of a disposition that says otherwise.
[[nodiscard]] std::string as_attachment(std::string_view disposition);

// "FULL_OBJECT" or "COMPOSITE".
[[nodiscard]] std::string_view checksum_kind_name(objects::ChecksumKind kind);

}  // namespace signet::s3
