#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "objects/customer_key.h"
#include "objects/object_info.h"
#include "s3/request_headers.h"

namespace signet::s3 {

// Server-side encryption with keys that the client gives (SSE-C): the headers
// x-amz-server-side-encryption-customer-*, and those of the same kind for the source of a copy.
// AWS-DIFF: S3 takes such keys over TLS alone; how connections are protected is the operator's
// business here (test_s3_customer_keys.py).

// Whose key headers give.
enum class KeyFor : std::uint8_t { Object, CopySource };

// The key that a request gives.
struct GivenKey {
  objects::CustomerKey key;  // null: none
  std::string md5;           // of it as it was given, base64; empty: it was not
};

// Errors as S3 tells them, InvalidArgument and InvalidEncryptionAlgorithmError: for headers of
// which some are missing (but the MD5) or wrong, or that stand beside another way of encryption.
[[nodiscard]] Result<GivenKey> given_key(const RequestHeaders& headers, KeyFor which);

// The key that an object which is made, or a part of it, is to have. InvalidArgument without its
// MD5 too; NotImplemented where nothing is encrypted.
[[nodiscard]] Result<GivenKey> key_for_upload(const RequestHeaders& headers, bool is_encrypted);

// Whether the key opens what is stored with these headers. InvalidRequest for none where one is
// needed, and for one where none is; AccessDenied for another one, or without its MD5.
[[nodiscard]] Status check_key(const GivenKey& given, const objects::StoredHeaders& stored);

// Whether the key is that of an upload. InvalidRequest.
[[nodiscard]] Status check_part_key(const GivenKey& given, const objects::StoredHeaders& upload);

// The answer's headers about a key that was used; none for none.
void add_key_headers(http::ResponseHeaders& headers, const GivenKey& given);

}  // namespace signet::s3
