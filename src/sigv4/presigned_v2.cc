#include "sigv4/presigned_v2.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/constant_time.h"
#include "crypto/hmac.h"
#include "sigv4/canonical.h"
#include "sigv4/refusal.h"
#include "sigv4/wire_parts.h"

namespace signet::sigv4 {
namespace {

constexpr std::string_view kToken = "x-amz-security-token";

// 9999-12-31T23:59:59Z: a later Expires would not fit an Instant.
constexpr std::int64_t kLastSecond = 253'402'300'799;

// The parameters that version 2 signs: those of S3's page on signing REST requests, and what
// botocore signs besides.
constexpr std::array<std::string_view, 35> kSigned{"accelerate",
                                                   "acl",
                                                   "analytics",
                                                   "cors",
                                                   "defaultObjectAcl",
                                                   "delete",
                                                   "inventory",
                                                   "lifecycle",
                                                   "location",
                                                   "logging",
                                                   "metrics",
                                                   "notification",
                                                   "object-lock",
                                                   "partNumber",
                                                   "policy",
                                                   "replication",
                                                   "requestPayment",
                                                   "response-cache-control",
                                                   "response-content-disposition",
                                                   "response-content-encoding",
                                                   "response-content-language",
                                                   "response-content-type",
                                                   "response-expires",
                                                   "restore",
                                                   "select",
                                                   "select-type",
                                                   "storageClass",
                                                   "tagging",
                                                   "torrent",
                                                   "uploadId",
                                                   "uploads",
                                                   "versionId",
                                                   "versioning",
                                                   "versions",
                                                   "website"};

// The signature itself, and parameters that only page or shape a listing.
constexpr std::array<std::string_view, 20> kUnsigned{
    "AWSAccessKeyId",     "Expires",   "Signature",     "content-md5",      "content-type",
    "continuation-token", "delimiter", "encoding-type", "fetch-owner",      "key-marker",
    "list-type",          "marker",    "max-keys",      "max-parts",        "max-uploads",
    "part-number-marker", "prefix",    "start-after",   "upload-id-marker", "version-id-marker"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct Parameter {
  std::string name;  // decoded, as the router reads it
  std::string value;
  bool has_value = false;  // an equals sign was there
};

// x-amz-* parameters: signed as headers, and heeded as such by S3.
bool stands_for_header(const Parameter& parameter) {
  return to_lower(parameter.name).starts_with("x-amz-");
}

std::vector<Parameter> parameters_of(std::string_view query) {
  std::vector<Parameter> out;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (piece.empty()) {
      continue;
    }
    const std::size_t equals = piece.find('=');
    Parameter& parameter = out.emplace_back();
    append_decoded(parameter.name, piece.substr(0, equals), Plus::Space);
    parameter.has_value = equals != std::string_view::npos;
    if (parameter.has_value) {
      append_decoded(parameter.value, piece.substr(equals + 1), Plus::Space);
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Parameter& a, const Parameter& b) {
    return a.name < b.name;
  });
  return out;
}

// Refuses what the signature would not cover.
Status check_covered(std::span<const Parameter> parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    if (i > 0 && parameters[i - 1].name == parameter.name) {
      return refusal::s3_invalid_argument(
          "A parameter of a presigned request of signature version 2 was given twice.",
          parameter.name,
          parameter.value);
    }
    const bool is_known = is_one_of(kSigned, parameter.name) ||
                          is_one_of(kUnsigned, parameter.name) || stands_for_header(parameter);
    if (!is_known) {
      return refusal::s3_invalid_argument(
          "This parameter is not supported in a presigned request of signature version 2. Please "
          "use AWS4-HMAC-SHA256.",
          parameter.name,
          parameter.value);
    }
  }
  return {};
}

bool has_other_signature(const RequestView& request) {
  const std::string_view query = request.query();
  return request.has_header("authorization") || raw_parameter(query, "X-Amz-Signature") ||
         raw_parameter(query, "X-Amz-Credential") || raw_parameter(query, "X-Amz-Algorithm");
}

bool is_chunked(PayloadKind kind) {
  return kind != PayloadKind::Hash && kind != PayloadKind::Unsigned;
}

// How the body is covered; the header itself is signed like every x-amz-* header. What nobody knows
// counts as chunks, which verify_presigned_v2() refuses.
void read_payload(const RequestView& request, ParsedAuth& parsed) {
  parsed.payload = PayloadKind::Unsigned;
  parsed.content_sha256 = kUnsignedPayload;
  if (request.has_header("x-amz-content-sha256")) {
    parsed.content_sha256 = request.header("x-amz-content-sha256");
    parsed.payload = payload_kind(parsed.content_sha256, Algorithm::HmacSha256)
                         .value_or(PayloadKind::StreamSigned);
  }
}

// In constant time.
bool is_signed_with(std::string_view secret, std::string_view text, std::string_view signature) {
  const std::array<std::uint8_t, 20> mac = crypto::hmac_sha1(secret, text);
  return crypto::equal_constant_time(codec::encode_base64(codec::as_text(mac)), signature);
}

// The x-amz-* headers, and the parameters that stand for some: "name:value\n", sorted, values of
// one name joined by commas.
void append_amz_lines(std::string& out,
                      const RequestView& request,
                      std::span<const Parameter> parameters) {
  std::vector<std::pair<std::string, std::string_view>> lines;
  for (const HeaderView& field : request.headers) {
    std::string name = to_lower(field.name);
    if (name.starts_with("x-amz-")) {
      lines.emplace_back(std::move(name), trim_blanks(field.value));
    }
  }
  for (const Parameter& parameter : parameters) {
    if (stands_for_header(parameter)) {
      lines.emplace_back(to_lower(parameter.name), parameter.value);
    }
  }
  std::stable_sort(
      lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool continues = i > 0 && lines[i - 1].first == lines[i].first;
    if (continues) {
      out.back() = ',';  // in place of the line end
    } else {
      out.append(lines[i].first).push_back(':');
    }
    out.append(lines[i].second).push_back('\n');
  }
}

void append_resource(std::string& out,
                     const RequestView& request,
                     std::string_view host_bucket,
                     std::span<const Parameter> parameters) {
  if (!host_bucket.empty()) {
    out.append("/").append(host_bucket);
  }
  out.append(request.path());
  char separator = '?';
  for (const Parameter& parameter : parameters) {
    if (is_one_of(kSigned, parameter.name)) {
      out.push_back(std::exchange(separator, '&'));
      out.append(parameter.name);
      if (parameter.has_value) {
        out.append("=").append(parameter.value);
      }
    }
  }
}

std::string_view value_of(std::span<const Parameter> parameters, std::string_view name) {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [name](const Parameter& parameter) {
        return parameter.name == name;
      });
  return found == parameters.end() ? std::string_view() : std::string_view(found->value);
}

// A standard header, or the parameter that stands for it.
std::string_view standard(const RequestView& request,
                          std::span<const Parameter> parameters,
                          std::string_view name) {
  return request.has_header(name) ? request.header(name) : value_of(parameters, name);
}

}  // namespace

bool is_presigned_v2(const RequestView& request) {
  const std::string_view query = request.query();
  return raw_parameter(query, "Signature") ||
         (raw_parameter(query, "AWSAccessKeyId") && !has_other_signature(request));
}

Result<ParsedAuth> parse_presigned_v2(const RequestView& request, Instant now, Scratch& scratch) {
  if (has_other_signature(request)) {
    return refusal::s3_two_mechanisms();
  }
  const std::string_view query = request.query();
  TRY_STATUS(check_covered(parameters_of(query)));
  scratch.decoded.clear();
  scratch.decoded.reserve(request.target.size() + 32);
  const auto take = [&](std::string_view name) {
    return parameter(query, name, scratch);
  };
  ParsedAuth parsed;
  parsed.placement = Placement::Query;
  parsed.access_key_id = take("AWSAccessKeyId").value_or("");
  parsed.signature = take("Signature").value_or("");
  const std::string_view expires = take("Expires").value_or("");
  if (parsed.access_key_id.empty() || parsed.signature.empty() || expires.empty()) {
    return refusal::s3_access_denied(
        "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
        "parameters");
  }
  const auto seconds = parse_decimal(expires);
  if (!seconds || *seconds < 0 || *seconds > kLastSecond) {
    return refusal::s3_access_denied(
        concat("Invalid date (should be seconds since epoch): ", expires));
  }
  const Instant end = Instant::from_seconds(*seconds);
  if (now >= end) {
    return refusal::s3_link_expired(end, now);
  }
  parsed.session_token = take(kToken);
  if (!parsed.session_token && request.has_header(kToken)) {
    parsed.session_token = request.header(kToken);
  }
  parsed.is_token_signed = parsed.session_token.has_value();
  read_payload(request, parsed);
  return parsed;
}

Status verify_policy_v2(std::string_view access_key_id,
                        std::string_view policy,
                        std::string_view signature,
                        std::string_view secret,
                        Scratch& scratch) {
  scratch.string_to_sign = policy;
  if (is_signed_with(secret, policy, signature)) {
    return {};
  }
  ParsedAuth shown;
  shown.access_key_id = access_key_id;
  shown.signature = signature;
  return refusal::wrong_signature(shown, kS3, scratch);
}

Status verify_presigned_v2(const ParsedAuth& parsed,
                           const RequestView& request,
                           std::string_view host_bucket,
                           std::string_view secret,
                           Scratch& scratch) {
  const std::vector<Parameter> parameters = parameters_of(request.query());
  std::string& text = scratch.string_to_sign;
  text.assign(request.method).push_back('\n');
  text.append(standard(request, parameters, "content-md5")).push_back('\n');
  text.append(standard(request, parameters, "content-type")).push_back('\n');
  text.append(value_of(parameters, "Expires")).push_back('\n');
  append_amz_lines(text, request, parameters);
  append_resource(text, request, host_bucket, parameters);
  if (!is_signed_with(secret, text, parsed.signature)) {
    return refusal::wrong_signature(parsed, kS3, scratch);
  }
  return is_chunked(parsed.payload)
             ? refusal::s3_invalid_request(
                   "A presigned request of signature version 2 cannot carry chunks. Please use "
                   "AWS4-HMAC-SHA256.")
             : Status();
}

}  // namespace signet::sigv4
