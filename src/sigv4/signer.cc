#include "sigv4/signer.h"

#include <algorithm>
#include <array>

#include "base/assertion.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "codec/time.h"
#include "codec/uri.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/sha256.h"
#include "sigv4/canonical.h"
#include "sigv4/signing_key.h"

namespace signet::sigv4 {
namespace {

// Headers that clients and proxies change on the way, which SDKs therefore leave out of the
// signature.
constexpr std::array<std::string_view, 10> kUnsignedHeaders{"authorization",
                                                            "connection",
                                                            "expect",
                                                            "sec-websocket-key",
                                                            "sec-websocket-protocol",
                                                            "sec-websocket-version",
                                                            "transfer-encoding",
                                                            "upgrade",
                                                            "user-agent",
                                                            "x-amzn-trace-id"};

bool is_signed(std::string_view lower_name) {
  return std::find(kUnsignedHeaders.begin(), kUnsignedHeaders.end(), lower_name) ==
         kUnsignedHeaders.end();
}

std::string join_signed_names(const std::vector<std::pair<std::string, std::string>>& headers) {
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    std::string lower = to_lower(name);
    if (is_signed(lower)) {
      names.push_back(std::move(lower));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string joined;
  for (const std::string& name : names) {
    joined.append(joined.empty() ? "" : ";").append(name);
  }
  return joined;
}

void append_parameter(std::string& target, std::string_view name, std::string_view value) {
  const std::size_t question = target.find('?');
  if (question == std::string::npos) {
    target.push_back('?');
  } else if (question + 1 != target.size()) {
    target.push_back('&');
  }
  target.append(name).append("=");
  codec::append_percent_encoded(target, value);
}

std::string mac_of(const SigningRequest& request,
                   std::string_view amz_date,
                   std::string_view text) {
  const crypto::HmacKey key = derive_signing_key(
      request.secret_key, amz_date.substr(0, 8), request.region, request.service);
  std::string digits(64, '\0');
  crypto::write_hex(key.mac(text), digits.data());
  return digits;
}

// Another one each time.
std::string ecdsa_of(const SigningRequest& request, std::string_view text) {
  const crypto::SignKey pair = derive_key_pair(request.access_key, request.secret_key);
  const std::optional<std::string> halves = pair.sign(crypto::Digest::Sha256, text);
  SIGNET_ASSERT(halves.has_value());
  const auto der = crypto::ecdsa_to_der(*halves, crypto::coordinate_size(crypto::EcCurve::P256));
  SIGNET_ASSERT(der.has_value());
  std::string digits;
  codec::append_hex(digits, {reinterpret_cast<const std::uint8_t*>(der->data()), der->size()});
  return digits;
}

// The stages common to both placements, into `out`.
void run_stages(const SigningRequest& request,
                std::string_view amz_date,
                std::string_view scope,
                SignedRequest& out) {
  std::vector<HeaderView> views;
  views.reserve(out.headers.size());
  for (const auto& [name, value] : out.headers) {
    views.push_back({name, value});
  }
  const std::string body_hash = crypto::sha256_hex(request.body);
  const std::string_view payload_hash =
      request.payload_hash.empty() ? body_hash : request.payload_hash;
  Scratch scratch;
  build_canonical_request(
      {.method = request.method, .target = out.target, .headers = views},
      out.signed_headers,
      payload_hash,
      request.normalize,
      {.is_presigned = request.placement == Placement::Query, .skip_token = false},
      scratch);
  build_string_to_sign(request.algorithm, amz_date, scope, scratch);
  out.signature = request.algorithm == Algorithm::HmacSha256
                      ? mac_of(request, amz_date, scratch.string_to_sign)
                      : ecdsa_of(request, scratch.string_to_sign);
  out.canonical_request = std::move(scratch.canonical);
  out.string_to_sign = std::move(scratch.string_to_sign);
}

}  // namespace

SignedRequest sign(const SigningRequest& request) {
  const std::string amz_date = codec::format_amz_date(request.timestamp);
  const bool is_asymmetric = request.algorithm == Algorithm::EcdsaP256Sha256;
  const std::string scope = concat(amz_date.substr(0, 8),
                                   "/",
                                   is_asymmetric ? "" : concat(request.region, "/"),
                                   request.service,
                                   "/aws4_request");
  const std::string credential = concat(request.access_key, "/", scope);
  const bool has_token = !request.session_token.empty();
  SignedRequest out;
  out.target = request.target;
  for (const auto& [name, value] : request.headers) {
    out.headers.emplace_back(name, value);
  }
  if (request.placement == Placement::Header) {
    out.headers.emplace_back("X-Amz-Date", amz_date);
    if (is_asymmetric) {
      out.headers.emplace_back("X-Amz-Region-Set", request.region);
    }
    if (request.sign_body) {
      out.headers.emplace_back("x-amz-content-sha256",
                               request.payload_hash.empty() ? crypto::sha256_hex(request.body)
                                                            : std::string(request.payload_hash));
    }
    if (has_token && !request.omit_session_token) {
      out.headers.emplace_back("X-Amz-Security-Token", request.session_token);
    }
    out.signed_headers = join_signed_names(out.headers);
    run_stages(request, amz_date, scope, out);
    if (has_token && request.omit_session_token) {
      out.headers.emplace_back("X-Amz-Security-Token", request.session_token);
    }
    out.headers.emplace_back("Authorization",
                             concat(name_of(request.algorithm),
                                    " Credential=",
                                    credential,
                                    ", SignedHeaders=",
                                    out.signed_headers,
                                    ", Signature=",
                                    out.signature));
    return out;
  }
  out.signed_headers = join_signed_names(out.headers);
  append_parameter(out.target, "X-Amz-Algorithm", name_of(request.algorithm));
  if (is_asymmetric) {
    append_parameter(out.target, "X-Amz-Region-Set", request.region);
  }
  append_parameter(out.target, "X-Amz-Credential", credential);
  append_parameter(out.target, "X-Amz-Date", amz_date);
  append_parameter(out.target, "X-Amz-SignedHeaders", out.signed_headers);
  append_parameter(out.target, "X-Amz-Expires", std::to_string(request.expires_seconds));
  if (has_token && !request.omit_session_token) {
    append_parameter(out.target, "X-Amz-Security-Token", request.session_token);
  }
  run_stages(request, amz_date, scope, out);
  if (has_token && request.omit_session_token) {
    append_parameter(out.target, "X-Amz-Security-Token", request.session_token);
  }
  append_parameter(out.target, "X-Amz-Signature", out.signature);
  return out;
}

}  // namespace signet::sigv4
