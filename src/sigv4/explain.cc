#include "sigv4/explain.h"

#include <utility>
#include <variant>

#include "base/strings.h"
#include "crypto/sha256.h"
#include "sigv4/signing_key.h"
#include "sigv4/verify.h"

namespace signet::sigv4 {
namespace {

// Whether the request verifies once one thing is done differently.
bool would_match(const ParsedAuth& parsed,
                 const RequestView& request,
                 const Profile& profile,
                 const SigningKey& key,
                 std::string_view body_hash) {
  Scratch scratch;
  return verify(parsed, request, profile, key, body_hash, scratch).has_value();
}

std::string find_hint(const ParsedAuth& parsed,
                      const RequestView& request,
                      const Profile& profile,
                      const SigningKey& key,
                      std::string_view body_hash) {
  Profile other = profile;
  other.normalize_path = !profile.normalize_path;
  if (would_match(parsed, request, other, key, body_hash)) {
    return profile.normalize_path
               ? "The client signed the path as S3 wants it: encoded once and not normalized."
               : "The client normalized or double-encoded the path, which S3 does not.";
  }
  if (!profile.signs_payload_header) {
    if (would_match(parsed, request, profile, key, crypto::sha256_hex(""))) {
      return "The client signed an empty body.";
    }
    if (would_match(parsed, request, profile, key, "UNSIGNED-PAYLOAD")) {
      return "The client signed UNSIGNED-PAYLOAD, which only S3 accepts.";
    }
  }
  other = profile;
  other.adds_token_after_signing = true;
  if (parsed.placement == Placement::Query && would_match(parsed, request, other, key, body_hash)) {
    return "The client added X-Amz-Security-Token after signing.";
  }
  for (std::string_view rest = parsed.signed_headers; !rest.empty();) {
    const std::size_t end = rest.find(';');
    const std::string_view name = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!request.has_header(name)) {
      return concat(
          "The signed header '", name, "' is not in the request; a proxy may have removed it.");
    }
  }
  return {};
}

}  // namespace

Explanation explain(const SigningRequest& request) {
  SignedRequest stages = sign(request);
  return Explanation{.canonical_request = std::move(stages.canonical_request),
                     .string_to_sign = std::move(stages.string_to_sign),
                     .signature = std::move(stages.signature)};
}

ReceivedExplanation explain_received(const RequestView& request,
                                     const Profile& profile,
                                     std::string_view secret_access_key,
                                     std::string_view body,
                                     Instant now) {
  ReceivedExplanation out;
  Scratch scratch;
  const Result<ParsedAuth> parsed = parse(request, profile, now, scratch);
  if (!parsed) {
    out.error = parsed.error();
    return out;
  }
  const SigningKey key = derive_key(*parsed, secret_access_key);
  const std::string body_hash = crypto::sha256_hex(body);
  const Status status = verify(*parsed, request, profile, key, body_hash, scratch);
  out.matches = status.has_value();
  out.provided_signature = parsed->signature;
  if (const auto* mac_key = std::get_if<crypto::HmacKey>(&key)) {
    out.computed.signature.resize(64);
    crypto::write_hex(mac_key->mac(scratch.string_to_sign), out.computed.signature.data());
  }
  if (!out.matches) {
    out.error = status.error();
    out.hint = find_hint(*parsed, request, profile, key, body_hash);
  }
  out.computed.canonical_request = std::move(scratch.canonical);
  out.computed.string_to_sign = std::move(scratch.string_to_sign);
  return out;
}

}  // namespace signet::sigv4
