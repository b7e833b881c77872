#include "sigv4/refusal.h"

#include <string>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "crypto/sha256.h"
#include "facts/errors.h"

namespace signet::sigv4::refusal {
namespace {

Failure failure(ErrorCode code) {
  return std::unexpected(facts::make_error(code));
}

Failure with_field(Failure refused, std::string name, std::string value) {
  Error error = std::move(refused).error();
  error.fields.emplace_back(std::move(name), std::move(value));
  return Failure(std::move(error));
}

// S3 lists what it hashed byte by byte: "41 57 53".
std::string spaced_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 3);
  for (const char c : bytes) {
    if (!text.empty()) {
      text.push_back(' ');
    }
    text.push_back(kDigits[static_cast<std::uint8_t>(c) >> 4]);
    text.push_back(kDigits[static_cast<std::uint8_t>(c) & 15]);
  }
  return text;
}

}  // namespace

Failure incomplete(std::string message) {
  return fail(ErrorCode::IncompleteSignature, std::move(message));
}

Failure missing_authentication_token() {
  return failure(ErrorCode::MissingAuthenticationToken);
}

Failure unsupported_query_algorithm() {
  return fail(ErrorCode::MissingAuthenticationToken, "Missing Authentication Token");
}

Failure credential_shape(Algorithm algorithm, std::string_view credential) {
  return incomplete(concat(algorithm == Algorithm::HmacSha256
                               ? "Credential must have exactly 5 slash-delimited elements, e.g. "
                                 "keyid/date/region/service/term, got '"
                               : "Credential must have exactly 4 slash-delimited elements, e.g. "
                                 "keyid/date/service/term, got '",
                           credential,
                           "'"));
}

Failure bad_date(std::string_view date) {
  return incomplete(concat("Date must be in ISO-8601 'basic format'. Got '",
                           date,
                           "'. See http://en.wikipedia.org/wiki/ISO_8601"));
}

Failure expired(Instant date, Instant now, std::int64_t skew_seconds) {
  return wrong_scope(concat("Signature expired: ",
                            codec::format_amz_date(date),
                            " is now earlier than ",
                            codec::format_amz_date(now.plus_seconds(-skew_seconds)),
                            " (",
                            codec::format_amz_date(now),
                            " - ",
                            std::to_string(skew_seconds / 60),
                            " min.)"));
}

Failure not_yet_current(Instant date, Instant now, std::int64_t skew_seconds) {
  return wrong_scope(concat("Signature not yet current: ",
                            codec::format_amz_date(date),
                            " is still later than ",
                            codec::format_amz_date(now.plus_seconds(skew_seconds)),
                            " (",
                            codec::format_amz_date(now),
                            " + ",
                            std::to_string(skew_seconds / 60),
                            " min.)"));
}

Failure host_unsigned() {
  return wrong_scope("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
}

Failure wrong_scope(std::string message) {
  return fail(ErrorCode::SignatureDoesNotMatch, std::move(message));
}

std::string hashed_authorization(std::string_view header) {
  const crypto::Sha256Digest digest = crypto::sha256(header);
  return concat("(Hashed with SHA-256 and encoded with Base64) Authorization=",
                codec::encode_base64(crypto::as_view(digest)));
}

Failure s3_invalid_request(std::string message) {
  return fail(ErrorCode::InvalidRequest, std::move(message));
}

Failure s3_invalid_argument(std::string message, std::string_view name, std::string_view value) {
  Failure refused = fail(ErrorCode::InvalidArgument, std::move(message));
  refused = with_field(std::move(refused), "ArgumentName", std::string(name));
  return with_field(std::move(refused), "ArgumentValue", std::string(value));
}

Failure s3_access_denied(std::string message) {
  return fail(ErrorCode::AccessDenied, std::move(message));
}

Failure s3_header_malformed(std::string_view what) {
  return fail(ErrorCode::AuthorizationHeaderMalformed,
              concat("The authorization header is malformed; ", what));
}

Failure s3_query_error(std::string message) {
  return fail(ErrorCode::AuthorizationQueryParametersError, std::move(message));
}

Failure s3_too_skewed(std::string_view request_time, Instant now, std::int64_t skew_seconds) {
  Failure refused = failure(ErrorCode::RequestTimeTooSkewed);
  refused = with_field(std::move(refused), "RequestTime", std::string(request_time));
  refused = with_field(std::move(refused), "ServerTime", codec::format_iso8601(now));
  return with_field(
      std::move(refused), "MaxAllowedSkewMilliseconds", std::to_string(skew_seconds * 1000));
}

Failure s3_expired(std::int64_t expires_seconds, Instant expires, Instant now) {
  Failure refused = s3_access_denied("Request has expired");
  refused = with_field(std::move(refused), "X-Amz-Expires", std::to_string(expires_seconds));
  refused = with_field(std::move(refused), "Expires", codec::format_iso8601(expires));
  return with_field(std::move(refused), "ServerTime", codec::format_iso8601(now));
}

Failure s3_link_expired(Instant expires, Instant now) {
  Failure refused = s3_access_denied("Request has expired");
  refused = with_field(std::move(refused), "Expires", codec::format_iso8601(expires));
  return with_field(std::move(refused), "ServerTime", codec::format_iso8601(now));
}

Failure s3_two_mechanisms() {
  return s3_invalid_argument(
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query "
      "string parameter or the Authorization header should be specified",
      "Authorization",
      "");
}

Failure s3_headers_not_signed(std::string_view names) {
  return with_field(
      s3_access_denied("There were headers present in the request which were not signed"),
      "HeadersNotSigned",
      std::string(names));
}

Failure s3_wrong_region(Placement placement, std::string_view region, std::string_view expected) {
  const std::string what = concat("the region '", region, "' is wrong; expecting '", expected, "'");
  Failure refused =
      placement == Placement::Header
          ? s3_header_malformed(what)
          : s3_query_error(concat("Error parsing the X-Amz-Credential parameter; ", what));
  return with_field(std::move(refused), "Region", std::string(expected));
}

Failure wrong_signature(const ParsedAuth& parsed, const Profile& profile, const Scratch& scratch) {
  const bool is_query = profile.errors == ErrorStyle::Query;
  Error error = facts::make_error(is_query ? ErrorCode::SignatureDoesNotMatch
                                           : ErrorCode::S3SignatureDoesNotMatch);
  error.cause =
      "the signature is not the one computed here: `signet sigv4 explain` shows where they part";
  if (is_query) {
    return Failure(std::move(error));
  }
  Failure refused(std::move(error));
  refused = with_field(std::move(refused), "AWSAccessKeyId", std::string(parsed.access_key_id));
  refused = with_field(std::move(refused), "StringToSign", scratch.string_to_sign);
  refused = with_field(std::move(refused), "SignatureProvided", std::string(parsed.signature));
  refused = with_field(std::move(refused), "StringToSignBytes", spaced_hex(scratch.string_to_sign));
  if (parsed.scope.empty()) {
    return refused;  // a link of version 2, which has no canonical request
  }
  refused = with_field(std::move(refused), "CanonicalRequest", scratch.canonical);
  return with_field(std::move(refused), "CanonicalRequestBytes", spaced_hex(scratch.canonical));
}

}  // namespace signet::sigv4::refusal
