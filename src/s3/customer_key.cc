#include "s3/customer_key.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"

namespace signet::s3 {
namespace {

// What S3 calls every argument of encryption.
constexpr std::string_view kEncryption = "x-amz-server-side-encryption";
constexpr std::string_view kAlgorithm = "AES256";

struct KeyHeaders {
  std::optional<std::string_view> algorithm;
  std::optional<std::string_view> key;
  std::optional<std::string_view> md5;

  [[nodiscard]] bool are_absent() const { return !algorithm && !key && !md5; }
};

KeyHeaders key_headers(const RequestHeaders& headers, KeyFor which) {
  const std::string prefix = concat(which == KeyFor::Object ? "" : "x-amz-copy-source-",
                                    which == KeyFor::Object ? kEncryption : kEncryption.substr(6),
                                    "-customer-");
  return {.algorithm = headers.find(prefix + "algorithm"),
          .key = headers.find(prefix + "key"),
          .md5 = headers.find(prefix + "key-md5")};
}

Status check_headers(const KeyHeaders& given) {
  if (!given.algorithm) {
    return about(key_without_algorithm(), kEncryption);
  }
  if (*given.algorithm != kAlgorithm) {
    return about(std::unexpected(facts::make_error(ErrorCode::InvalidEncryptionAlgorithmError)),
                 kEncryption,
                 *given.algorithm);
  }
  return given.key ? Status() : about(key_missing(), kEncryption);
}

}  // namespace

Result<GivenKey> given_key(const RequestHeaders& headers, KeyFor which) {
  const KeyHeaders given = key_headers(headers, which);
  if (given.are_absent()) {
    return GivenKey();
  }
  const auto method = headers.find(kEncryption);
  if (method && which == KeyFor::Object) {
    return about(key_beside_encryption(), kEncryption, *method);
  }
  TRY_STATUS(check_headers(given));
  std::optional<std::string> bytes = codec::decode_base64(*given.key);
  if (!bytes || bytes->size() != objects::kCustomerKeySize) {
    return about(key_invalid(), kEncryption);
  }
  const std::string md5 = codec::encode_base64(crypto::as_view(crypto::md5(*bytes)));
  if (given.md5 && *given.md5 != md5) {
    return about(key_md5_mismatch(), kEncryption);
  }
  return GivenKey{.key = std::make_shared<const Secret>(*std::move(bytes)),
                  .md5 = given.md5 ? md5 : std::string()};
}

Result<GivenKey> key_for_upload(const RequestHeaders& headers, bool is_encrypted) {
  GivenKey given = TRY(given_key(headers, KeyFor::Object));
  if (given.key != nullptr && given.md5.empty()) {
    return about(key_invalid(), kEncryption);
  }
  if (given.key != nullptr && !is_encrypted) {
    return header_not_implemented();
  }
  return given;
}

Status check_key(const GivenKey& given, const objects::StoredHeaders& stored) {
  const std::string_view mark = objects::stored_mark(stored);
  if (mark.empty()) {
    return given.key == nullptr ? Status() : key_not_applicable();
  }
  if (given.key == nullptr) {
    return key_needed();
  }
  return !given.md5.empty() && objects::is_mark_of(mark, *given.key) ? Status() : key_wrong();
}

Status check_part_key(const GivenKey& given, const objects::StoredHeaders& upload) {
  const std::string_view mark = objects::stored_mark(upload);
  if (mark.empty() != (given.key == nullptr)) {
    return part_key_missing();
  }
  return mark.empty() || objects::is_mark_of(mark, *given.key) ? Status() : part_key_other();
}

void add_key_headers(http::ResponseHeaders& headers, const GivenKey& given) {
  if (given.key != nullptr) {
    headers.add("x-amz-server-side-encryption-customer-algorithm", kAlgorithm);
    headers.add("x-amz-server-side-encryption-customer-key-MD5", given.md5);
  }
}

}  // namespace signet::s3
