#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/operation.h"
#include "authz/check.h"
#include "base/result.h"
#include "facts/sts_types.h"
#include "identity/entities.h"
#include "jose/claims.h"
#include "model/caller.h"

namespace signet::sts {

// What a token says that was verified, and who vouches for it.
struct WebIdentity {
  std::string issuer;    // as condition keys have it in front: URL without https://
  std::string provider;  // as trust policies name it: the ARN of an OIDC provider, or a host name
  std::string subject;
  std::string audience;                   // the authorized party, where there is one
  bool is_role_named = false;             // the token itself names the role
  std::vector<authz::ContextEntry> keys;  // of the issuer, for the trust policy
  std::vector<Tag> tags;                  // of the session
  std::vector<std::string> transitive_keys;
  std::string source_identity;  // empty: none
  model::Vouched who;
  // Keys that the session has besides, which its caller cannot set: aws:OriginIdentity/...,
  // aws:TransactionContext/... (new-in-2026 6).
  std::vector<model::Tag> propagated;
};

// The provider of an issuer: one that every account trusts without saying so, or an OIDC provider
// of the role's account, whose audiences it lists.
struct TokenProvider {
  std::string issuer;
  std::string name;                             // WebIdentity::provider
  const identity::OidcProvider* own = nullptr;  // null: one of every account. Borrowed
};

// The longest time between a token's making and its use, and by how much the clock of its issuer
// may be ahead.
inline constexpr std::int64_t kMaxTokenAgeSeconds = std::int64_t{24} * 3600;
inline constexpr std::int64_t kIssuerAheadSeconds = 300;

// A token whose issuer, audience, times and signature were verified.
struct VerifiedToken {
  jose::Claims claims;
  TokenProvider provider;
  std::string subject;
  std::string audience;  // the authorized party, where there is one
};

// What tokens are verified with. Borrowed; `keys` may be null: then no token is good.
struct TokenVerifier {
  const identity::Snapshot& snapshot;
  oidc::IssuerKeys* keys;
  Instant now;
};

// The token, if a provider that account has, or that every account trusts, vouches for it now. Asks
// the issuer for its keys where they are not known, so it may block. Errors: InvalidIdentityToken,
// ExpiredTokenException, IDPCommunicationError.
[[nodiscard]] Result<VerifiedToken> verify_token(const Secret& text,
                                                 const std::string& account,
                                                 const TokenVerifier& by);

// The token of a request, verified: by whom, for whom, of which role, and that it is good now. Asks
// the issuer for its keys where they are not known, so it may block. Errors: InvalidIdentityToken,
// ExpiredTokenException, IDPCommunicationError, and those of session tags.
[[nodiscard]] Result<WebIdentity> verify_web_identity(
    const AssumeRoleWithWebIdentityRequest& request, const api::CheckContext& context);

// What claims say of keys, tags and source identity; issuer, provider, subject and audience of
// `identity` are there.
[[nodiscard]] Status read_claims(const jose::Claims& claims,
                                 const AssumeRoleWithWebIdentityRequest& request,
                                 WebIdentity& identity);

// The keys that the session keeps: of the issuer's those for amr, aud and sub (aws-wire 3.3). Of a
// list each value is an entry of its own.
[[nodiscard]] std::vector<model::Tag> lasting_keys(const WebIdentity& identity);

}  // namespace signet::sts
