#include <algorithm>
#include <optional>
#include <string>

#include "base/strings.h"
#include "codec/time.h"
#include "sigv4/refusal.h"
#include "sigv4/verify.h"
#include "sigv4/wire_parts.h"

namespace signet::sigv4 {
namespace {

constexpr std::string_view kTerminator = "aws4_request";
constexpr std::int64_t kMaxExpiresSeconds = 604800;

constexpr std::string_view kRegionSet = "X-Amz-Region-Set";

// A region set of one plain name is that name; of several, or with wildcards, none.
std::string_view single_region(std::string_view region_set) {
  return region_set.find_first_of("*, ") == std::string_view::npos ? region_set
                                                                   : std::string_view();
}

// Whether a region could be called so. Old clients sign for `US`, which was a location of S3, and
// some for `aws-global`, which is an endpoint; AWS refuses both (aws-wire 2.7).
// AWS-DIFF: a signature for any other region is taken, also for none at all: this server has one
// region, whatever clients call it.
bool is_region_name(std::string_view region) {
  const bool has_upper_case =
      std::any_of(region.begin(), region.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return !has_upper_case && !region.ends_with("-global");
}

// One request being parsed: what all the steps below share.
class Parser {
 public:
  Parser(const RequestView& request, const Profile& profile, Instant now, Scratch& scratch)
      : request_(request), profile_(profile), now_(now), scratch_(scratch) {}

  Result<ParsedAuth> run() {
    reserve_decoded();
    TRY_STATUS(read());
    TRY_STATUS(is_s3() ? finish_s3() : finish());
    return parsed_;
  }

 private:
  // Finds where the signature is and reads it there.
  Status read() {
    const std::string_view query = request_.query();
    const bool has_header = request_.has_header("authorization");
    const bool has_query = raw_parameter(query, "X-Amz-Algorithm") ||
                           raw_parameter(query, "X-Amz-Credential") ||
                           raw_parameter(query, "X-Amz-Signature");
    if (has_header && has_query && is_s3()) {
      return refusal::s3_two_mechanisms();
    }
    if (has_header) {
      return is_s3() ? read_s3_header() : read_header();
    }
    if (has_query) {
      return is_s3() ? read_s3_query() : read_query();
    }
    return refuse_unsigned();
  }

  [[nodiscard]] bool is_s3() const { return profile_.errors == ErrorStyle::S3; }

  [[nodiscard]] Status refuse_unsigned() const {
    const std::string_view query = request_.query();
    const bool is_sigv2 =
        raw_parameter(query, "AWSAccessKeyId") && raw_parameter(query, "Signature");
    if (!is_sigv2) {
      return is_s3() ? refusal::s3_access_denied("Access Denied")
                     : refusal::missing_authentication_token();
    }
    return is_s3() ? refusal::s3_invalid_request(kNoSigV2) : refusal::incomplete(kNoSigV2);
  }

  // aws-wire 2.1: date present, parsable, within the skew; then the header's parts; then the scope.
  Status read_header() {
    const std::string_view header = request_.header("authorization");
    const std::optional<Algorithm> algorithm = algorithm_of(header);
    if (header.starts_with("AWS ") || header.starts_with("AWS3")) {
      return refusal::incomplete(kNoSigV2);
    }
    parsed_.algorithm = algorithm.value_or(Algorithm::HmacSha256);
    const Components parts =
        algorithm ? split_components(header.substr(name_of(*algorithm).size())) : Components{};
    const std::string_view date_text = date_header();
    if (date_text.empty()) {
      return missing_components(parts, header, true);
    }
    if (!read_date(date_text)) {
      return refusal::bad_date(date_text);
    }
    TRY_STATUS(check_clock());
    if (parts.credential.empty() || parts.signed_headers.empty() || parts.signature.empty() ||
        is_region_set_missing()) {
      return missing_components(parts, header, false);
    }
    return take_parts(Placement::Header, parts);
  }

  // One sentence per missing component, in AWS's order, then what identifies the header.
  Status missing_components(const Components& parts,
                            std::string_view header,
                            bool is_date_missing) {
    std::string message;
    const auto require = [&message](std::string_view value, std::string_view name) {
      if (value.empty()) {
        message.append("Authorization header requires '").append(name).append("' parameter. ");
      }
    };
    require(parts.credential, "Credential");
    require(parts.signature, "Signature");
    require(parts.signed_headers, "SignedHeaders");
    if (is_date_missing) {
      message.append(
          "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    }
    if (is_region_set_missing()) {
      message.append("Authorization header requires existence of a 'X-Amz-Region-Set' header. ");
    }
    message.append(refusal::hashed_authorization(header));
    return refusal::incomplete(std::move(message));
  }

  Status read_query() {
    const bool has_algorithm = !parameter("X-Amz-Algorithm").value_or("").empty();
    if (has_algorithm && !read_query_algorithm()) {
      return refusal::unsupported_query_algorithm();
    }
    const Components parts = query_components();
    const std::string_view date_text = parameter("X-Amz-Date").value_or("");
    std::string missing;
    const auto require = [&missing](bool is_present, std::string_view name) {
      if (!is_present) {
        missing.append(missing.empty() ? "" : " ")
            .append("AWS query-string parameters must include '")
            .append(name)
            .append("'. Re-examine the query-string parameters.");
      }
    };
    require(has_algorithm, "X-Amz-Algorithm");
    require(!parts.credential.empty(), "X-Amz-Credential");
    require(!parts.signature.empty(), "X-Amz-Signature");
    require(!parts.signed_headers.empty(), "X-Amz-SignedHeaders");
    require(!date_text.empty(), "X-Amz-Date");
    require(!is_region_set_missing(), kRegionSet);
    if (!missing.empty()) {
      return refusal::incomplete(std::move(missing));
    }
    if (!read_date(date_text)) {
      return refusal::bad_date(date_text);
    }
    // X-Amz-Expires plays no part (aws-wire 2.2): a presigned call lives 15 minutes.
    TRY_STATUS(check_clock());
    return take_parts(Placement::Query, parts);
  }

  Status read_s3_header() {
    const std::string_view header = request_.header("authorization");
    if (header.starts_with("AWS ")) {
      return refusal::s3_invalid_request(kNoSigV2);
    }
    const std::optional<Algorithm> algorithm = algorithm_of(header);
    if (!algorithm) {
      return refusal::s3_invalid_argument(
          "Unsupported Authorization Type", "Authorization", header.substr(0, header.find(' ')));
    }
    parsed_.algorithm = *algorithm;
    const std::string_view date_text = date_header();
    if (date_text.empty() || !read_date(date_text)) {
      return refusal::s3_access_denied(
          "AWS authentication requires a valid Date or x-amz-date header");
    }
    if (is_outside_skew()) {
      return refusal::s3_too_skewed(parsed_.amz_date, now_, profile_.max_skew_seconds);
    }
    const Components parts = split_components(header.substr(name_of(*algorithm).size()));
    if (parts.credential.empty()) {
      return refusal::s3_header_malformed("missing Credential.");
    }
    if (parts.signed_headers.empty()) {
      return refusal::s3_header_malformed("missing SignedHeaders.");
    }
    if (parts.signature.empty()) {
      return refusal::s3_header_malformed("missing Signature.");
    }
    if (is_region_set_missing()) {
      return refusal::s3_header_malformed("missing X-Amz-Region-Set.");
    }
    return take_parts(Placement::Header, parts);
  }

  Status read_s3_query() {
    const std::string_view algorithm = parameter("X-Amz-Algorithm").value_or("");
    const bool is_known = read_query_algorithm();
    const Components parts = query_components();
    const std::string_view date_text = parameter("X-Amz-Date").value_or("");
    const std::string_view expires_text = parameter("X-Amz-Expires").value_or("");
    if (algorithm.empty() || parts.credential.empty() || parts.signature.empty() ||
        parts.signed_headers.empty() || date_text.empty() || expires_text.empty()) {
      return refusal::s3_query_error(
          "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
          "X-Amz-Signature, "
          "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
    }
    if (!is_known) {
      return refusal::s3_query_error("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
    }
    if (is_region_set_missing()) {
      return refusal::s3_query_error("X-Amz-Region-Set is missing");
    }
    if (!read_date(date_text)) {
      return refusal::s3_query_error(
          "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
    }
    TRY_STATUS(read_expires(expires_text));
    TRY_STATUS(take_parts(Placement::Query, parts));
    if (parsed_.date > now_.plus_seconds(profile_.max_skew_seconds)) {
      return refusal::s3_access_denied("Request is not yet valid");
    }
    const Instant expires = parsed_.date.plus_seconds(parsed_.expires_seconds);
    if (now_ > expires) {
      return refusal::s3_expired(parsed_.expires_seconds, expires, now_);
    }
    return {};
  }

  Status read_expires(std::string_view text) {
    if (text.starts_with('-')) {
      return refusal::s3_query_error("X-Amz-Expires must be non-negative");
    }
    const std::optional<std::int64_t> value = parse_decimal(text);
    if (!value) {
      return refusal::s3_query_error("X-Amz-Expires should be a number");
    }
    if (*value < 1) {
      return refusal::s3_query_error("X-Amz-Expires must be at least 1");
    }
    if (*value > kMaxExpiresSeconds) {
      return refusal::s3_query_error(
          "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
          "must be less than 604800 seconds");
    }
    parsed_.expires_seconds = *value;
    return {};
  }

  // Splits the credential and checks its scope.
  Status take_parts(Placement placement, const Components& parts) {
    parsed_.placement = placement;
    parsed_.signed_headers = parts.signed_headers;
    parsed_.signature = parts.signature;
    const std::optional<Credential> credential =
        split_credential(parts.credential, parsed_.algorithm);
    if (!credential) {
      return refuse_credential(placement, parts.credential);
    }
    parsed_.access_key_id = credential->key_id;
    parsed_.scope_date = credential->date;
    parsed_.region = is_asymmetric() ? single_region(region_set()) : credential->region;
    parsed_.service = credential->service;
    parsed_.scope = credential->scope;
    return is_s3() ? check_s3_scope(*credential) : check_scope(*credential);
  }

  [[nodiscard]] Status refuse_credential(Placement placement, std::string_view credential) const {
    constexpr std::string_view kExpecting =
        "the Credential is mal-formed; expecting "
        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
    if (!is_s3()) {
      return refusal::credential_shape(parsed_.algorithm, credential);
    }
    if (placement == Placement::Header) {
      return refusal::s3_header_malformed(kExpecting);
    }
    return refusal::s3_query_error(
        concat("Error parsing the X-Amz-Credential parameter; ", kExpecting));
  }

  // Every wrong part has its sentence; they stand in one message.
  [[nodiscard]] Status check_scope(const Credential& credential) const {
    std::string message;
    if (!is_asymmetric() && !profile_.expected_region.empty() &&
        credential.region != profile_.expected_region) {
      message.append("Credential should be scoped to a valid region. ");
    }
    if (credential.service != profile_.service) {
      message.append("Credential should be scoped to correct service: '")
          .append(profile_.service)
          .append("'. ");
    }
    if (credential.terminator != kTerminator) {
      message.append("Credential should be scoped with a valid terminator: 'aws4_request'.");
    }
    if (credential.date != parsed_.amz_date.substr(0, 8)) {
      message.append(message.empty() || message.ends_with(' ') ? "" : " ")
          .append(
              "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
              "HTTP.");
    }
    if (message.empty()) {
      return {};
    }
    return refusal::wrong_scope(std::move(message));
  }

  [[nodiscard]] Status check_s3_scope(const Credential& credential) const {
    const auto refuse = [this](std::string_view what) -> Status {
      if (parsed_.placement == Placement::Header) {
        return refusal::s3_header_malformed(what);
      }
      return refusal::s3_query_error(
          concat("Error parsing the X-Amz-Credential parameter; ", what));
    };
    if (credential.date != parsed_.amz_date.substr(0, 8)) {
      return refuse(concat("Invalid credential date \"",
                           credential.date,
                           "\". This date is not the same as X-Amz-Date: \"",
                           parsed_.amz_date.substr(0, 8),
                           "\"."));
    }
    if (!is_asymmetric() && !profile_.expected_region.empty() &&
        credential.region != profile_.expected_region) {
      return refusal::s3_wrong_region(
          parsed_.placement, credential.region, profile_.expected_region);
    }
    if (!is_asymmetric() && !profile_.home_region.empty() && !is_region_name(credential.region)) {
      return refusal::s3_wrong_region(parsed_.placement, credential.region, profile_.home_region);
    }
    if (credential.service != profile_.service) {
      return refuse(concat("incorrect service \"",
                           credential.service,
                           "\". This endpoint belongs to \"",
                           profile_.service,
                           "\"."));
    }
    if (credential.terminator != kTerminator) {
      return refuse(concat("incorrect terminal \"",
                           credential.terminator,
                           "\". This endpoint uses \"aws4_request\"."));
    }
    return {};
  }

  Status finish() {
    if (!is_signed_header(parsed_.signed_headers, "host")) {
      return refusal::host_unsigned();
    }
    if (is_asymmetric() && parsed_.placement == Placement::Header &&
        !is_signed_header(parsed_.signed_headers, kRegionSet)) {
      return refusal::wrong_scope(
          "'X-Amz-Region-Set' must be a 'SignedHeader' in the AWS Authorization.");
    }
    take_session_token();
    return {};
  }

  Status finish_s3() {
    TRY_STATUS(check_unsigned_headers());
    take_session_token();
    std::string_view value = request_.header("x-amz-content-sha256");
    if (parsed_.placement == Placement::Query) {
      const bool is_signed = is_signed_header(parsed_.signed_headers, "x-amz-content-sha256");
      const std::string_view otherwise = is_signed && !value.empty() ? value : kUnsignedPayload;
      value = parameter("X-Amz-Content-Sha256").value_or(otherwise);
    }
    if (value.empty()) {
      return refusal::s3_invalid_request(
          "Missing required header for this request: x-amz-content-sha256");
    }
    const std::optional<PayloadKind> kind = payload_kind(value, parsed_.algorithm);
    if (!kind) {
      return refusal::s3_invalid_argument(
          "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
          "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
          "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, "
          "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid "
          "sha256 value.",
          "x-amz-content-sha256",
          value);
    }
    parsed_.payload = *kind;
    parsed_.content_sha256 = value;
    return {};
  }

  // S3 wants the host and every x-amz-* header signed; a proxy could otherwise add, say, an ACL. Of
  // a presigned request the hash may be left out, since SDKs add it when they follow the URL.
  [[nodiscard]] Status check_unsigned_headers() const {
    std::string missing;
    const auto note = [&missing](std::string_view name) {
      missing.append(missing.empty() ? "" : ", ").append(to_lower(name));
    };
    if (!is_signed_header(parsed_.signed_headers, "host")) {
      note("host");
    }
    for (const HeaderView& field : request_.headers) {
      const bool is_amz =
          field.name.size() > 6 && equals_ignore_case(field.name.substr(0, 6), "x-amz-");
      const bool is_spared = parsed_.placement == Placement::Query &&
                             equals_ignore_case(field.name, "x-amz-content-sha256");
      if (is_amz && !is_spared && !is_signed_header(parsed_.signed_headers, field.name)) {
        note(field.name);
      }
    }
    if (missing.empty()) {
      return {};
    }
    return refusal::s3_headers_not_signed(missing);
  }

  void take_session_token() {
    if (parsed_.placement == Placement::Query) {
      parsed_.session_token = parameter("X-Amz-Security-Token");
      parsed_.is_token_signed = !profile_.adds_token_after_signing;
    } else if (request_.has_header("x-amz-security-token")) {
      parsed_.session_token = request_.header("x-amz-security-token");
      parsed_.is_token_signed = is_signed_header(parsed_.signed_headers, "x-amz-security-token");
    }
  }

  [[nodiscard]] std::string_view date_header() const {
    const std::string_view amz = request_.header("x-amz-date");
    return amz.empty() ? request_.header("date") : amz;
  }

  // Takes the basic ISO form, or, in a Date header, HTTP's own, which is signed in the basic form.
  bool read_date(std::string_view text) {
    std::optional<Instant> date = codec::parse_amz_date(text);
    parsed_.amz_date = text;
    if (!date) {
      date = codec::parse_http_date(text);
      if (date) {
        const std::size_t start = scratch_.decoded.size();
        scratch_.decoded.append(codec::format_amz_date(*date));
        parsed_.amz_date = std::string_view(scratch_.decoded).substr(start);
      }
    }
    parsed_.date = date.value_or(Instant{});
    return date.has_value();
  }

  [[nodiscard]] bool is_outside_skew() const {
    return parsed_.date < now_.plus_seconds(-profile_.max_skew_seconds) ||
           parsed_.date > now_.plus_seconds(profile_.max_skew_seconds);
  }

  [[nodiscard]] Status check_clock() const {
    if (parsed_.date < now_.plus_seconds(-profile_.max_skew_seconds)) {
      return refusal::expired(parsed_.date, now_, profile_.max_skew_seconds);
    }
    if (parsed_.date > now_.plus_seconds(profile_.max_skew_seconds)) {
      return refusal::not_yet_current(parsed_.date, now_, profile_.max_skew_seconds);
    }
    return {};
  }

  [[nodiscard]] bool is_asymmetric() const {
    return parsed_.algorithm == Algorithm::EcdsaP256Sha256;
  }

  // The regions that a signature of SigV4A is for; empty if it does not say.
  // AWS-DIFF: any set is taken, as any region is.
  [[nodiscard]] std::string_view region_set() {
    return request_.has_header("authorization") ? request_.header("x-amz-region-set")
                                                : parameter(kRegionSet).value_or("");
  }

  [[nodiscard]] bool is_region_set_missing() { return is_asymmetric() && region_set().empty(); }

  // Whether the query names a form of Signature Version 4 that is known here.
  bool read_query_algorithm() {
    const std::string_view name = parameter("X-Amz-Algorithm").value_or("");
    parsed_.algorithm = algorithm_of(name).value_or(Algorithm::HmacSha256);
    return name == name_of(parsed_.algorithm);
  }

  [[nodiscard]] Components query_components() {
    return Components{.credential = parameter("X-Amz-Credential").value_or(""),
                      .signed_headers = parameter("X-Amz-SignedHeaders").value_or(""),
                      .signature = parameter("X-Amz-Signature").value_or("")};
  }

  std::optional<std::string_view> parameter(std::string_view name) {
    return sigv4::parameter(request_.query(), name, scratch_);
  }

  // Room for every decoded value of the query, read four times at most, and one date, so that views
  // into it stay where they are.
  void reserve_decoded() {
    scratch_.decoded.clear();
    scratch_.decoded.reserve(request_.target.size() * 4 + 32);
  }

  static constexpr const char* kNoSigV2 =
      "The authorization mechanism you have provided is not supported. Please use "
      "AWS4-HMAC-SHA256.";

  const RequestView& request_;
  const Profile& profile_;
  Instant now_;
  Scratch& scratch_;
  ParsedAuth parsed_;
};

}  // namespace

Result<ParsedAuth> parse(const RequestView& request,
                         const Profile& profile,
                         Instant now,
                         Scratch& scratch) {
  return Parser(request, profile, now, scratch).run();
}

std::optional<PeekedScope> peek_scope(const RequestView& request, Scratch& scratch) {
  std::string_view text;
  const std::string_view header = request.header("authorization");
  std::optional<Algorithm> algorithm = algorithm_of(header);
  if (algorithm) {
    text = split_components(header.substr(name_of(*algorithm).size())).credential;
  } else {
    scratch.decoded.clear();
    scratch.decoded.reserve(request.target.size() * 2 + 32);
    algorithm = algorithm_of(parameter(request.query(), "X-Amz-Algorithm", scratch).value_or(""));
    text = parameter(request.query(), "X-Amz-Credential", scratch).value_or("");
  }
  const std::optional<Credential> credential =
      split_credential(text, algorithm.value_or(Algorithm::HmacSha256));
  if (!credential) {
    return std::nullopt;
  }
  return PeekedScope{.access_key_id = credential->key_id,
                     .region = credential->region,
                     .service = credential->service};
}

bool has_credentials(const RequestView& request) {
  const std::string_view query = request.query();
  return request.has_header("authorization") || raw_parameter(query, "X-Amz-Signature") ||
         raw_parameter(query, "X-Amz-Credential") || raw_parameter(query, "X-Amz-Algorithm") ||
         raw_parameter(query, "AWSAccessKeyId") || raw_parameter(query, "Signature");
}

}  // namespace signet::sigv4
