#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "s3/object_info.h"
#include "s3/object_store.h"

namespace signet::s3 {

// What the headers of an upload say about the object to be. Stateless readers of a request's head.

// Refuses headers that ask for what we do not do (encryption, tags, ACLs, locks, other storage
// classes): NotImplemented with the header's name, or AccessControlListNotSupported. Taking them
// silently would be a lie.
[[nodiscard]] Status refuse_unsupported_headers(const http::RequestHead& head);

// Content-Type, Cache-Control, x-amz-meta-* and so on, to be given back by reads. MetadataTooLarge
// over 2 KiB of user metadata. "aws-chunked" is taken out of Content-Encoding: it framed the
// request, not the object.
[[nodiscard]] Result<StoredHeaders> stored_headers_of(const http::RequestHead& head);

// If-Match and If-None-Match of a write. NotImplemented for an If-None-Match other than "*".
[[nodiscard]] Result<WriteCondition> write_condition_of(const http::RequestHead& head);

// The checksums that a body must have.
struct ExpectedDigests {
  std::optional<std::string> md5;                      // raw bytes
  std::optional<crypto::ChecksumAlgorithm> algorithm;  // of the checksum that is to be computed
  std::string value;         // base64, as given; empty: comes in a trailer, or not at all
  bool is_trailing = false;  // must come in a trailer
};

// InvalidDigest or InvalidRequest for what cannot be a digest.
[[nodiscard]] Result<ExpectedDigests> expected_digests_of(const http::RequestHead& head);

// The algorithm that x-amz-checksum-algorithm or x-amz-sdk-checksum-algorithm names; nothing if
// absent, InvalidRequest if unknown.
[[nodiscard]] Result<std::optional<crypto::ChecksumAlgorithm>> named_algorithm(
    const http::RequestHead& head, std::string_view header);

// Checks Content-MD5 and x-amz-checksum-* of a small document. InvalidRequest if it carries neither
// and `is_required`.
[[nodiscard]] Status check_document_digests(const http::RequestHead& head,
                                            std::string_view body,
                                            bool is_required);

// BadDigest.
[[nodiscard]] Error bad_checksum(crypto::ChecksumAlgorithm algorithm);

}  // namespace signet::s3
