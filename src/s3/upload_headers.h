#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "objects/object_info.h"
#include "objects/object_store.h"
#include "s3/request_headers.h"

namespace signet::s3 {

// What the headers of an upload say about the object to be. Stateless readers of a request's
// headers.

// Refuses headers that ask for what we do not do (keys of KMS, event holds, conditions of directory
// buckets): NotImplemented with the header's name. Taking them silently would be a lie.
[[nodiscard]] Status refuse_unsupported_headers(const RequestHeaders& headers);

// Refuses those of Object Lock, of customers' keys and of redirections: for buckets whose objects
// do not lie here.
[[nodiscard]] Status refuse_local_headers(const RequestHeaders& headers);

// Content-Type, Cache-Control, x-amz-meta-* and so on, to be given back by reads. MetadataTooLarge
// over 2 KiB of user metadata. With the storage class (see set_storage_class). "aws-chunked" is
// taken out of Content-Encoding: it framed the request, not the object.
[[nodiscard]] Result<objects::StoredHeaders> stored_headers_of(const RequestHeaders& headers);

// Makes what x-amz-storage-class says the class of the stored headers, STANDARD if it is absent.
// InvalidStorageClass for what is no class.
// AWS-DIFF: a storage class is a label that is kept and shown, and says whether an object must be
// restored before it is read; all objects lie on the same disk and none is moved (StorageClasses,
// upload_test.cc).
[[nodiscard]] Status set_storage_class(objects::StoredHeaders& stored,
                                       const RequestHeaders& headers);

// Makes what x-amz-website-redirect-location says where the stored headers send browsers of a
// website, nowhere if it is absent. InvalidArgument for what is neither a path nor a URL.
[[nodiscard]] Status set_redirection(objects::StoredHeaders& stored, const RequestHeaders& headers);

// Whether reads show the stored header of that name as it is. What else is stored (tags, lists,
// locks, marks of keys) is not for everybody.
[[nodiscard]] bool is_shown(std::string_view name);

// The class that listings show.
[[nodiscard]] std::string_view storage_class_of(const objects::StoredHeaders& stored);

// If-Match and If-None-Match of a write. NotImplemented for an If-None-Match other than "*".
[[nodiscard]] Result<objects::WriteCondition> write_condition_of(const RequestHeaders& headers);

// The same of an upload or a copy, for which S3 takes neither both nor an If-Match of "*"
// (recorded); a deletion may have that.
[[nodiscard]] Result<objects::WriteCondition> upload_condition_of(const RequestHeaders& headers);

// The checksums that a body must have.
struct ExpectedDigests {
  std::optional<std::string> md5;                      // raw bytes
  std::optional<crypto::ChecksumAlgorithm> algorithm;  // of the checksum that is to be computed
  std::string value;         // base64, as given; empty: comes in a trailer, or not at all
  bool is_trailing = false;  // must come in a trailer
  // Besides another algorithm, CRC64NVME is to be computed: the whole object will have that.
  bool needs_crc64 = false;
  // Of a part: a refusal quotes the expected MD5 in base64; of an object in hexadecimal (recorded).
  bool is_of_part = false;
};

// InvalidDigest or InvalidRequest for what cannot be a digest.
[[nodiscard]] Result<ExpectedDigests> expected_digests_of(const RequestHeaders& headers);

// The x-amz-checksum-* header of a completion: of the whole object, perhaps with "-<parts>". Only
// algorithm and value are filled. InvalidRequest as above.
[[nodiscard]] Result<ExpectedDigests> promised_checksum_of(const RequestHeaders& headers);

// The algorithm that x-amz-checksum-algorithm or x-amz-sdk-checksum-algorithm names; nothing if
// absent, InvalidRequest if unknown.
[[nodiscard]] Result<std::optional<crypto::ChecksumAlgorithm>> named_algorithm(
    const RequestHeaders& headers, std::string_view header);

// Checks Content-MD5 and x-amz-checksum-* of a small document. InvalidRequest if it carries neither
// and `is_required`.
[[nodiscard]] Status check_document_digests(const RequestHeaders& headers,
                                            std::string_view body,
                                            bool is_required);

// BadDigest.
[[nodiscard]] Error bad_checksum(crypto::ChecksumAlgorithm algorithm);

}  // namespace signet::s3
