#include "sigv4/verify.h"

#include <string>

#include "base/strings.h"
#include "facts/errors.h"
#include "sigv4/canonical.h"
#include "sigv4/refusal.h"

namespace signet::sigv4 {

Status verify(const ParsedAuth& parsed,
              const RequestView& request,
              const Profile& profile,
              const SigningKey& signing_key,
              std::string_view body_sha256_hex,
              Scratch& scratch) {
  const bool is_presigned = parsed.placement == Placement::Query;
  build_canonical_request(request,
                          parsed.signed_headers,
                          profile.signs_payload_header ? parsed.content_sha256 : body_sha256_hex,
                          profile.normalize_path,
                          {.is_presigned = is_presigned,
                           .skip_token = is_presigned && profile.adds_token_after_signing},
                          scratch);
  build_string_to_sign(parsed.algorithm, parsed.amz_date, parsed.scope, scratch);
  if (is_signed_by(signing_key, scratch.string_to_sign, parsed.signature)) [[likely]] {
    return {};
  }
  return refusal::wrong_signature(parsed, profile, scratch);
}

Status verify_policy(const ParsedAuth& parsed,
                     const SigningKey& signing_key,
                     std::string_view policy,
                     Scratch& scratch) {
  if (is_signed_by(signing_key, policy, parsed.signature)) {
    return {};
  }
  scratch.string_to_sign = policy;
  ParsedAuth shown = parsed;
  shown.scope = {};  // there is no canonical request
  return refusal::wrong_signature(shown, Profile{.errors = ErrorStyle::S3}, scratch);
}

Status check_body_hash(const ParsedAuth& parsed, const crypto::Sha256Digest& body) {
  if (parsed.payload != PayloadKind::Hash) {
    return {};
  }
  std::string computed(64, '\0');
  crypto::write_hex(body, computed.data());
  if (equals_ignore_case(computed, parsed.content_sha256)) {
    return {};
  }
  Error error = facts::make_error(ErrorCode::XAmzContentSHA256Mismatch);
  error.fields = {{"ClientComputedContentSHA256", std::string(parsed.content_sha256)},
                  {"S3ComputedContentSHA256", std::move(computed)}};
  return std::unexpected(std::move(error));
}

}  // namespace signet::sigv4
