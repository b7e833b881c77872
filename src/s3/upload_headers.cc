#include "s3/upload_headers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"
#include "s3/encoded_words.h"
#include "s3/tags.h"

namespace signet::s3 {
namespace {

using crypto::ChecksumAlgorithm;

constexpr std::string_view kAmazonPrefix = "x-amz-";
constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";
constexpr std::string_view kStorageClass = "x-amz-storage-class";
constexpr std::string_view kStandardClass = "STANDARD";
constexpr std::string_view kRedirection = "x-amz-website-redirect-location";
constexpr std::size_t kRedirectionBytesMax = 2048;  // S3 PutObject

// Headers of an object that reads give back (S3 PutObject).
constexpr std::array<std::string_view, 6> kStored = {"cache-control",
                                                     "content-disposition",
                                                     "content-encoding",
                                                     "content-language",
                                                     "content-type",
                                                     "expires"};

// What the headers of a request may ask for and is not there: by the beginnings of their names.
constexpr std::array<std::string_view, 6> kUnsupported = {
    "x-amz-if-match-",  // conditions of directory buckets: initiated-time, last-modified-time, size
    "x-amz-object-lock-event-hold",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-server-side-encryption-context",
    "x-amz-write-offset-bytes"};

constexpr std::array<std::string_view, 7> kStorageLabels = {"DEEP_ARCHIVE",
                                                            "GLACIER",
                                                            "GLACIER_IR",
                                                            "INTELLIGENT_TIERING",
                                                            "ONEZONE_IA",
                                                            "REDUCED_REDUNDANCY",
                                                            "STANDARD_IA"};

Failure not_implemented(std::string_view name, std::string_view value) {
  Failure refusal = header_not_implemented();
  refusal.error().fields.emplace_back("Header", name);
  refusal.error().fields.emplace_back("additionalMessage", value);
  return refusal;
}

// What is stored is encrypted in this one way, asked for or not.
Status check_encryption(std::string_view name, std::string_view value) {
  if (value == "AES256") {
    return {};
  }
  if (value == "aws:kms" || value == "aws:kms:dsse") {
    Failure refusal = bucket_encryption_not_implemented();
    refusal.error().fields.emplace_back("Header", name);
    return refusal;
  }
  return about(encryption_method_unsupported(), name, value);
}

Status check_supported(std::string_view name, std::string_view value) {
  for (const std::string_view prefix : kUnsupported) {
    if (name.starts_with(prefix)) {
      return not_implemented(name, "");
    }
  }
  if (name == "x-amz-server-side-encryption") {
    return check_encryption(name, value);
  }
  return {};
}

// "gzip" of "aws-chunked, gzip"; parted as it was.
std::string without_aws_chunked(std::string_view encoding) {
  const std::string_view comma_of_all = encoding.find(", ") == std::string_view::npos ? "," : ", ";
  std::string out;
  while (!encoding.empty()) {
    const std::size_t comma = encoding.find(',');
    const std::string_view one = trimmed(encoding.substr(0, comma));
    encoding = comma == std::string_view::npos ? std::string_view() : encoding.substr(comma + 1);
    if (!one.empty() && !equals_ignore_case(one, "aws-chunked")) {
      out += out.empty() ? std::string_view() : comma_of_all;
      out += one;
    }
  }
  return out;
}

Error metadata_too_large(std::size_t size) {
  Error error = facts::make_error(ErrorCode::MetadataTooLarge);
  error.fields.emplace_back("Size", std::to_string(size));
  error.fields.emplace_back("MaxSizeAllowed", std::to_string(facts::kMetadataBytesMax));
  return error;
}

void add_user_metadata(objects::StoredHeaders& out, std::string name, std::string_view value) {
  const auto same =
      std::find_if(out.begin(), out.end(), [&](const auto& entry) { return entry.first == name; });
  if (same == out.end()) {
    out.emplace_back(std::move(name), value);
  } else {
    same->second.append(",").append(value);  // RFC 7230 3.2.2
  }
}

Result<std::optional<std::string>> expected_md5(const RequestHeaders& headers) {
  const auto header = headers.find("content-md5");
  if (!header) {
    return std::nullopt;
  }
  std::optional<std::string> raw = codec::decode_base64(*header);
  if (!raw || raw->size() != sizeof(crypto::Md5Digest)) {
    Error error = facts::make_error(ErrorCode::InvalidDigest);
    error.fields.emplace_back("Content-MD5", *header);
    return std::unexpected(std::move(error));
  }
  return raw;
}

// Headers with the prefix that carry no checksum.
bool is_checksum_setting(std::string_view name) {
  return name == "x-amz-checksum-algorithm" || name == "x-amz-checksum-type" ||
         name == "x-amz-checksum-mode";
}

// Takes the one x-amz-checksum-<algorithm> header, if there is one.
// `may_count`: "-<parts>" may follow.
Status take_checksum_header(const RequestHeaders& headers, bool may_count, ExpectedDigests& out) {
  std::size_t count = 0;
  TRY_STATUS(headers.visit(kChecksumPrefix, [&](std::string_view name, std::string_view) -> Status {
    count += crypto::checksum_of_header(name) ? 1 : 0;
    return {};
  }));
  if (count > 1) {  // told before what is wrong with one of them
    return several_checksums();
  }
  return headers.visit(
      kChecksumPrefix, [&](std::string_view name, std::string_view value) -> Status {
        const auto algorithm = crypto::checksum_of_header(name);
        if (!algorithm) {
          // Who misspells the name must not believe that something was verified.
          return is_checksum_setting(name) ? Status() : checksum_header_unknown();
        }
        const std::string_view digest = may_count ? value.substr(0, value.find('-')) : value;
        const auto raw = codec::decode_base64(digest);
        if (!raw || raw->size() != crypto::checksum_size(*algorithm)) {
          return checksum_header_invalid(name);
        }
        out.algorithm = algorithm;
        out.value = value;
        return {};
      });
}

// Takes the checksum that x-amz-trailer announces.
Status take_announced_trailer(const RequestHeaders& headers, ExpectedDigests& out) {
  const auto trailer = headers.find("x-amz-trailer");
  if (!trailer) {
    return {};
  }
  const auto algorithm = crypto::checksum_of_header(*trailer);
  if (!algorithm) {
    return trailer_unsupported(*trailer);
  }
  if (out.algorithm) {
    return several_checksums();
  }
  out.algorithm = algorithm;
  out.is_trailing = true;
  return {};
}

}  // namespace

Status refuse_unsupported_headers(const RequestHeaders& headers) {
  return headers.visit(kAmazonPrefix, check_supported);
}

Status refuse_local_headers(const RequestHeaders& headers) {
  return headers.visit([](std::string_view name, std::string_view) -> Status {
    if (name == "x-amz-bypass-governance-retention") {  // true or false
      return about(governance_bypass_without_lock(), name);
    }
    const bool is_local = name == kRedirection || name.starts_with("x-amz-object-lock-") ||
                          name.contains("-server-side-encryption-customer-");
    return is_local ? not_implemented(name, "") : Status();
  });
}

Result<objects::StoredHeaders> stored_headers_of(const RequestHeaders& headers) {
  objects::StoredHeaders out;
  std::size_t metadata_size = 0;
  TRY_STATUS(headers.visit([&](std::string_view name, std::string_view value) -> Status {
    if (name.starts_with(kMetaPrefix) && name.size() > kMetaPrefix.size()) {
      metadata_size += name.size() - kMetaPrefix.size() + value.size();
      const std::string text = headers.are_of_form() ? std::string(value) : stored_metadata(value);
      add_user_metadata(out, std::string(name), text);
    } else if (std::find(kStored.begin(), kStored.end(), name) != kStored.end()) {
      std::string kept = name == "content-encoding" ? without_aws_chunked(value)
                         : headers.are_of_form()    ? latin1_or_spaces(value)
                                                    : std::string(value);
      if (!kept.empty()) {
        out.emplace_back(name, std::move(kept));
      }
    }
    return {};
  }));
  if (metadata_size > facts::kMetadataBytesMax) {
    return std::unexpected(metadata_too_large(metadata_size));
  }
  TRY_STATUS(set_storage_class(out, headers));
  TRY_STATUS(set_redirection(out, headers));
  set_tags(out, TRY(tags_of_request(headers)));
  return out;
}

Status set_storage_class(objects::StoredHeaders& stored, const RequestHeaders& headers) {
  objects::set_stored_header(stored, kStorageClass, std::nullopt);
  const auto wanted = headers.find(kStorageClass);
  if (!wanted || *wanted == kStandardClass) {
    return {};
  }
  if (std::find(kStorageLabels.begin(), kStorageLabels.end(), *wanted) == kStorageLabels.end()) {
    Error error = facts::make_error(ErrorCode::InvalidStorageClass);
    error.fields.emplace_back("StorageClassRequested", *wanted);
    return std::unexpected(std::move(error));
  }
  stored.emplace_back(kStorageClass, *wanted);
  return {};
}

Status set_redirection(objects::StoredHeaders& stored, const RequestHeaders& headers) {
  objects::set_stored_header(stored, kRedirection, std::nullopt);
  const auto wanted = headers.find(kRedirection);
  if (!wanted) {
    return {};
  }
  const bool is_target =
      wanted->starts_with('/') || wanted->starts_with("http://") || wanted->starts_with("https://");
  if (!is_target || wanted->size() > kRedirectionBytesMax) {
    return about(redirection_invalid(), kRedirection, *wanted);
  }
  stored.emplace_back(kRedirection, *wanted);
  return {};
}

std::string_view storage_class_of(const objects::StoredHeaders& stored) {
  return objects::stored_header(stored, kStorageClass).value_or(kStandardClass);
}

bool is_shown(std::string_view name) {
  return name.starts_with(kMetaPrefix) || name == kStorageClass || name == kRedirection ||
         std::ranges::find(kStored, name) != kStored.end();
}

Result<objects::WriteCondition> write_condition_of(const RequestHeaders& headers) {
  objects::WriteCondition condition;
  if (const auto none = headers.find("if-none-match")) {
    if (*none != "*") {
      return not_implemented(
          "If-None-Match",
          "We don't accept the provided value of If-None-Match header for this API");
    }
    condition.must_be_absent = true;
  }
  if (const auto match = headers.find("if-match")) {
    condition.must_match = unquoted(*match);
    if (condition.must_match.empty()) {
      return if_match_empty();
    }
  }
  return condition;
}

Result<objects::WriteCondition> upload_condition_of(const RequestHeaders& headers) {
  const auto match = headers.find("if-match");
  if (match && headers.find("if-none-match")) {
    return not_implemented("If-Match,If-None-Match",
                           "Multiple conditional request headers present in the request");
  }
  if (match && *match == "*") {
    return not_implemented("If-Match",
                           "We don't accept the provided value of If-Match header for this API");
  }
  return write_condition_of(headers);
}

Result<std::optional<ChecksumAlgorithm>> named_algorithm(const RequestHeaders& headers,
                                                         std::string_view header) {
  const auto name = headers.find(header);
  if (!name) {
    return std::nullopt;
  }
  const auto algorithm = crypto::checksum_of_name(*name);
  if (!algorithm) {
    return checksum_algorithm_unsupported();
  }
  return algorithm;
}

Result<ExpectedDigests> expected_digests_of(const RequestHeaders& headers) {
  ExpectedDigests out;
  out.md5 = TRY(expected_md5(headers));
  TRY_STATUS(take_checksum_header(headers, false, out));
  TRY_STATUS(take_announced_trailer(headers, out));
  const auto named = TRY(named_algorithm(headers, "x-amz-sdk-checksum-algorithm"));
  if (named && !out.algorithm) {
    return sdk_algorithm_without_checksum();
  }
  if (named && *named != *out.algorithm) {
    return checksum_header_invalid("x-amz-sdk-checksum-algorithm");
  }
  return out;
}

Result<ExpectedDigests> promised_checksum_of(const RequestHeaders& headers) {
  ExpectedDigests out;
  TRY_STATUS(take_checksum_header(headers, true, out));
  return out;
}

Status check_document_digests(const RequestHeaders& headers,
                              std::string_view body,
                              bool is_required) {
  const ExpectedDigests expected = TRY(expected_digests_of(headers));
  if (is_required && !expected.md5 && expected.value.empty() && !expected.is_trailing) {
    return digest_missing();
  }
  if (expected.md5 && crypto::as_view(crypto::md5(body)) != *expected.md5) {
    return std::unexpected(facts::make_error(ErrorCode::BadDigest));
  }
  // A trailing checksum of a buffered document is behind the signature that covers it; nothing more
  // to compare.
  if (expected.algorithm && !expected.value.empty()) {
    crypto::Checksum checksum(*expected.algorithm);
    checksum.update(body);
    if (codec::encode_base64(checksum.finish()) != expected.value) {
      return std::unexpected(bad_checksum(*expected.algorithm));
    }
  }
  return {};
}

Error bad_checksum(ChecksumAlgorithm algorithm) {
  return checksum_mismatch(crypto::checksum_name(algorithm)).error();
}

}  // namespace signet::s3
