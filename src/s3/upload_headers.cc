#include "s3/upload_headers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "facts/errors.h"

namespace signet::s3 {
namespace {

using crypto::ChecksumAlgorithm;

constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::size_t kMetadataMax = 2048;

// Headers of an object that reads give back (S3 PutObject).
constexpr std::array<std::string_view, 6> kStored = {"cache-control",
                                                     "content-disposition",
                                                     "content-encoding",
                                                     "content-language",
                                                     "content-type",
                                                     "expires"};

// Features that an upload may ask for by header and that are not there.
constexpr std::array<std::string_view, 5> kUnsupportedPrefixes = {
    "x-amz-server-side-encryption",
    "x-amz-copy-source-server-side-encryption",
    "x-amz-object-lock-",
    "x-amz-tagging",
    "x-amz-website-redirect-location"};

Error not_implemented_header(std::string_view name, std::string_view value) {
  Error error{.code = ErrorCode::NotImplemented,
              .message = "A header you provided implies functionality that is not implemented",
              .fields = {},
              .cause = {}};
  error.fields.emplace_back("Header", name);
  error.fields.emplace_back("AdditionalMessage", value);
  return error;
}

Status check_header(std::string_view name, std::string_view value) {
  for (const std::string_view prefix : kUnsupportedPrefixes) {
    // The directive alone asks for nothing.
    if (name.starts_with(prefix) && name != "x-amz-tagging-directive") {
      return std::unexpected(not_implemented_header(name, ""));
    }
  }
  if (name == "x-amz-storage-class" && value != "STANDARD") {
    return std::unexpected(facts::make_error(ErrorCode::InvalidStorageClass));
  }
  // Every bucket is as new ones are on AWS: owner enforced, without ACLs.
  const bool asks_for_acl =
      (name == "x-amz-acl" && value != "private" && value != "bucket-owner-full-control") ||
      name.starts_with("x-amz-grant-");
  return asks_for_acl ? std::unexpected(facts::make_error(ErrorCode::AccessControlListNotSupported))
                      : Status();
}

// "gzip" of "aws-chunked, gzip".
std::string without_aws_chunked(std::string_view encoding) {
  std::string out;
  while (!encoding.empty()) {
    const std::size_t comma = encoding.find(',');
    std::string_view one = encoding.substr(0, comma);
    encoding = comma == std::string_view::npos ? std::string_view() : encoding.substr(comma + 1);
    one.remove_prefix(std::min(one.find_first_not_of(" \t"), one.size()));
    one = one.substr(0, one.find_last_not_of(" \t") + 1);
    if (!one.empty() && !equals_ignore_case(one, "aws-chunked")) {
      out += out.empty() ? "" : ",";
      out += one;
    }
  }
  return out;
}

Error metadata_too_large(std::size_t size) {
  Error error = facts::make_error(ErrorCode::MetadataTooLarge);
  error.fields.emplace_back("Size", std::to_string(size));
  error.fields.emplace_back("MaxSizeAllowed", std::to_string(kMetadataMax));
  return error;
}

void add_user_metadata(StoredHeaders& out, std::string name, std::string_view value) {
  const auto same =
      std::find_if(out.begin(), out.end(), [&](const auto& entry) { return entry.first == name; });
  if (same == out.end()) {
    out.emplace_back(std::move(name), value);
  } else {
    same->second.append(",").append(value);  // RFC 7230 3.2.2
  }
}

Result<std::optional<std::string>> expected_md5(const http::RequestHead& head) {
  const auto header = head.find("content-md5");
  if (!header) {
    return std::nullopt;
  }
  std::optional<std::string> raw = codec::decode_base64(*header);
  if (!raw || raw->size() != sizeof(crypto::Md5Digest)) {
    return fail(ErrorCode::InvalidDigest, "The Content-MD5 you specified was invalid.");
  }
  return raw;
}

Error invalid_checksum_header(std::string_view name) {
  return Error{.code = ErrorCode::InvalidRequest,
               .message = concat("Value for ", name, " header is invalid."),
               .fields = {},
               .cause = {}};
}

// Takes the one x-amz-checksum-<algorithm> header, if there is one.
Status take_checksum_header(const http::RequestHead& head, ExpectedDigests& out) {
  for (const http::HeaderView& header : head.headers) {
    const std::string name = to_lower(header.name);
    const auto algorithm = crypto::checksum_of_header(name);
    if (!algorithm) {
      continue;
    }
    if (out.algorithm) {
      return fail(
          ErrorCode::InvalidRequest,
          "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    const auto raw = codec::decode_base64(header.value);
    if (!raw || raw->size() != crypto::checksum_size(*algorithm)) {
      return std::unexpected(invalid_checksum_header(name));
    }
    out.algorithm = algorithm;
    out.value = header.value;
  }
  return {};
}

// Takes the checksum that x-amz-trailer announces.
Status take_announced_trailer(const http::RequestHead& head, ExpectedDigests& out) {
  const auto trailer = head.find("x-amz-trailer");
  if (!trailer) {
    return {};
  }
  const auto algorithm = crypto::checksum_of_header(*trailer);
  if (!algorithm) {
    return fail(
        ErrorCode::InvalidRequest,
        concat("The value specified in the x-amz-trailer header is not supported: ", *trailer));
  }
  if (out.algorithm) {
    return fail(
        ErrorCode::InvalidRequest,
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  out.algorithm = algorithm;
  out.is_trailing = true;
  return {};
}

}  // namespace

Status refuse_unsupported_headers(const http::RequestHead& head) {
  for (const http::HeaderView& header : head.headers) {
    TRY_STATUS(check_header(to_lower(header.name), header.value));
  }
  return {};
}

Result<StoredHeaders> stored_headers_of(const http::RequestHead& head) {
  StoredHeaders out;
  std::size_t metadata_size = 0;
  for (const http::HeaderView& header : head.headers) {
    std::string name = to_lower(header.name);
    if (name.starts_with(kMetaPrefix) && name.size() > kMetaPrefix.size()) {
      metadata_size += name.size() - kMetaPrefix.size() + header.value.size();
      add_user_metadata(out, std::move(name), header.value);
    } else if (std::find(kStored.begin(), kStored.end(), name) != kStored.end()) {
      std::string value = name == "content-encoding" ? without_aws_chunked(header.value)
                                                     : std::string(header.value);
      if (!value.empty()) {
        out.emplace_back(std::move(name), std::move(value));
      }
    }
  }
  if (metadata_size > kMetadataMax) {
    return std::unexpected(metadata_too_large(metadata_size));
  }
  return out;
}

Result<WriteCondition> write_condition_of(const http::RequestHead& head) {
  WriteCondition condition;
  if (const auto none = head.find("if-none-match")) {
    if (*none != "*") {
      return std::unexpected(not_implemented_header(
          "If-None-Match",
          "We don't accept the provided value of If-None-Match header for this API"));
    }
    condition.must_be_absent = true;
  }
  if (const auto match = head.find("if-match")) {
    const bool is_quoted = match->size() >= 2 && match->front() == '"' && match->back() == '"';
    condition.must_match = is_quoted ? match->substr(1, match->size() - 2) : *match;
    if (condition.must_match.empty()) {
      return fail(ErrorCode::InvalidArgument, "The If-Match header is empty");
    }
  }
  return condition;
}

Result<std::optional<ChecksumAlgorithm>> named_algorithm(const http::RequestHead& head,
                                                         std::string_view header) {
  const auto name = head.find(header);
  if (!name) {
    return std::nullopt;
  }
  const auto algorithm = crypto::checksum_of_name(*name);
  if (!algorithm) {
    return fail(ErrorCode::InvalidRequest,
                "Checksum algorithm provided is unsupported. Please try again with any of the "
                "valid types: [CRC32, CRC32C, "
                "CRC64NVME, SHA1, SHA256]");
  }
  return algorithm;
}

Result<ExpectedDigests> expected_digests_of(const http::RequestHead& head) {
  ExpectedDigests out;
  out.md5 = TRY(expected_md5(head));
  TRY_STATUS(take_checksum_header(head, out));
  TRY_STATUS(take_announced_trailer(head, out));
  const auto named = TRY(named_algorithm(head, "x-amz-sdk-checksum-algorithm"));
  if (named && !out.algorithm) {
    return fail(ErrorCode::InvalidRequest,
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
                "x-amz-trailer headers "
                "were found.");
  }
  if (named && *named != *out.algorithm) {
    return fail(ErrorCode::InvalidRequest,
                "Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  return out;
}

Status check_document_digests(const http::RequestHead& head,
                              std::string_view body,
                              bool is_required) {
  const ExpectedDigests expected = TRY(expected_digests_of(head));
  if (is_required && !expected.md5 && expected.value.empty() && !expected.is_trailing) {
    return fail(ErrorCode::InvalidRequest,
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
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
  return Error{.code = ErrorCode::BadDigest,
               .message = concat("The ",
                                 crypto::checksum_name(algorithm),
                                 " you specified did not match the calculated checksum."),
               .fields = {},
               .cause = {}};
}

}  // namespace signet::s3
