#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "crypto/sha256.h"
#include "sigv4/parsed_auth.h"
#include "sigv4/request.h"
#include "sigv4/signing_key.h"

// Checking a Signature Version 4 request, in two steps, because looking the access key up is the
// caller's:
//
//   parse(request, profile, now, scratch)   everything that can be said without the key, in AWS's
//   order (aws-wire 2.1) verify(parsed, request, signing key, body hash, ...)   the signature
//   itself
//
// Pure functions: no clock, no state but the scratch.
namespace signet::sigv4 {

// The scope of a request before anything is checked, for routing. Nothing if the request carries no
// SigV4 scope.
struct PeekedScope {
  std::string_view access_key_id;
  std::string_view region;
  std::string_view service;
};

[[nodiscard]] std::optional<PeekedScope> peek_scope(const RequestView& request, Scratch& scratch);

// Whether the request carries any credentials at all (Authorization header, X-Amz-Signature or
// SigV2's Signature in the query). A request without is anonymous, which some operations allow.
[[nodiscard]] bool has_credentials(const RequestView& request);

// Reads and checks everything but the signature. Errors, in the order they are looked for, Query
// style (aws-wire 2.2): MissingAuthenticationToken; IncompleteSignature (SigV2, date, region set,
// components, credential, presign parameters); SignatureDoesNotMatch (clock, region, service, date
// of scope, terminator, host unsigned). S3 style (2.7): AccessDenied, AuthorizationHeaderMalformed,
// AuthorizationQueryParametersError, RequestTimeTooSkewed, InvalidRequest, InvalidArgument.
[[nodiscard]] Result<ParsedAuth> parse(const RequestView& request,
                                       const Profile& profile,
                                       Instant now,
                                       Scratch& scratch);

// Checks the signature in constant time. `body_sha256_hex` (64 lower-case digits) is used by
// profiles that hash the body themselves; it is ignored for S3, where parsed.content_sha256 is
// signed and check_body_hash() compares it later. SignatureDoesNotMatch otherwise (S3: with the
// elements StringToSign, CanonicalRequest and the rest).
[[nodiscard]] Status verify(const ParsedAuth& parsed,
                            const RequestView& request,
                            const Profile& profile,
                            const SigningKey& signing_key,
                            std::string_view body_sha256_hex,
                            Scratch& scratch);

// Checks the signature of a form, which is that of its policy alone (base64, as it stands there).
// SignatureDoesNotMatch, with the policy as the string to sign.
[[nodiscard]] Status verify_policy(const ParsedAuth& parsed,
                                   const SigningKey& signing_key,
                                   std::string_view policy,
                                   Scratch& scratch);

// For S3 requests of PayloadKind::Hash, once the body was read: XAmzContentSHA256Mismatch if it is
// not the signed one.
[[nodiscard]] Status check_body_hash(const ParsedAuth& parsed, const crypto::Sha256Digest& body);

}  // namespace signet::sigv4
