#include "sts/web_identity.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/fail_because.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "facts/sts_sentences.h"
#include "identity/issuers.h"
#include "jose/jwk.h"
#include "jose/jws.h"
#include "model/arn.h"
#include "oidc/issuer_keys.h"
#include "sts/propagation.h"

// The token of AssumeRoleWithWebIdentity (aws-wire 3.3).
namespace signet::sts {
namespace {

using jose::Claims;

// Trusted by every account whose roles name them.
constexpr std::array<std::string_view, 2> kProvidersOfAll{"accounts.google.com",
                                                          "cognito-identity.amazonaws.com"};

// Tokens that STS itself issues are no proof to it (new-in-2026 2): AWS's, and those of this
// server, at whatever address somebody calls it.
bool is_own_issuer(std::string_view name, const identity::Snapshot& snapshot) {
  constexpr std::string_view kOfAws = ".tokens.sts.global.api.aws";
  const std::size_t place = name.rfind(identity::kIssuerPath);
  return name.substr(0, name.find('/')).ends_with(kOfAws) ||
         (place != std::string_view::npos &&
          snapshot.find_issuer(name.substr(place + identity::kIssuerPath.size())) != nullptr);
}

Result<std::string> required_text(const Claims& claims, std::string_view name) {
  std::optional<std::string> text = claims.text(name);
  if (!text || text->empty()) {
    return oidc_claim_missing(name);
  }
  return *std::move(text);
}

Result<Instant> required_time(const Claims& claims, std::string_view name) {
  const std::optional<Instant> time = claims.time(name);
  if (!time) {
    return oidc_claim_missing(name);
  }
  return *time;
}

// The issuer's URL without scheme and without a slash at the end. Google's tokens may have none.
std::string_view name_of(std::string_view issuer) {
  constexpr std::string_view kScheme = "https://";
  if (issuer.starts_with(kScheme)) {
    issuer.remove_prefix(kScheme.size());
  }
  if (issuer.ends_with('/')) {
    issuer.remove_suffix(1);
  }
  return issuer;
}

Result<TokenProvider> find_provider(std::string_view issuer,
                                    const std::string& account,
                                    const identity::Snapshot& snapshot) {
  const std::string name(name_of(issuer));
  if (is_own_issuer(name, snapshot)) {
    return oidc_provider_missing(name);
  }
  if (std::ranges::find(kProvidersOfAll, name) != kProvidersOfAll.end()) {
    return TokenProvider{.issuer = name, .name = name};
  }
  const identity::OidcProvider* own = issuer.starts_with("https://")
                                          ? snapshot.find<identity::OidcProvider>(account, name)
                                          : nullptr;
  if (own == nullptr) {
    return oidc_provider_missing(name);
  }
  return TokenProvider{.issuer = name, .name = arn_of(*own), .own = own};
}

// For whom the token is: the authorized party where there is one, which must be there if there are
// several audiences.
Result<std::string> audience_of(const Claims& claims) {
  const std::optional<std::vector<std::string>> audiences = claims.texts("aud");
  if (!audiences) {
    return oidc_claim_missing("aud");
  }
  if (claims.find("azp") != nullptr) {
    return required_text(claims, "azp");
  }
  if (audiences->size() > 1) {
    return oidc_many_audiences();
  }
  if (audiences->front().empty()) {
    return oidc_claim_missing("aud");
  }
  return audiences->front();
}

Status check_audience(const TokenProvider& provider, const std::string& audience) {
  if (provider.own == nullptr) {
    return {};
  }
  const std::vector<std::string>& known = provider.own->client_ids;
  const bool is_known = std::ranges::find(known, audience) != known.end();
  return is_known ? Status()
                  : with_cause(oidc_audience_wrong(),
                               concat("the provider does not list the audience ", audience));
}

// AWS-DIFF: a token's end holds to the second; some hold that AWS allows five minutes more
// (WebIdentity.EndsToTheSecond). Issuers whose clock is ahead are allowed that much.
Status check_times(const Claims& claims, Instant now) {
  const Instant end = TRY(required_time(claims, "exp"));
  const Instant issued = TRY(required_time(claims, "iat"));
  if (now >= end) {
    return oidc_token_expired(static_cast<std::size_t>(std::max<std::int64_t>(0, now.seconds())),
                              static_cast<std::size_t>(end.seconds()));
  }
  if (now >= issued.plus_seconds(kMaxTokenAgeSeconds)) {
    return oidc_token_old(static_cast<std::size_t>(kMaxTokenAgeSeconds / 3600));
  }
  const Instant latest = now.plus_seconds(kIssuerAheadSeconds);
  const bool has_begin = claims.find("nbf") != nullptr;
  const std::optional<Instant> begin = claims.time("nbf");
  if (issued > latest || (has_begin && (!begin || *begin > latest))) {
    return with_cause(oidc_token_invalid(), "the token is of the future");
  }
  return {};
}

std::unexpected<Error> refusal_of(oidc::FetchFault fault) {
  using Kind = oidc::FetchFault::Kind;
  switch (fault.kind) {
    case Kind::Unreachable:
      return with_cause(idp_unreachable(), std::move(fault.cause));
    case Kind::Certificate:
      return with_cause(oidc_certificate_refused(), std::move(fault.cause));
    case Kind::Refused:
      break;
  }
  return with_cause(oidc_keys_missing(), std::move(fault.cause));
}

Status check_signature(const jose::CompactJws& token,
                       const std::string& issuer,
                       oidc::IssuerKeys* keys) {
  if (keys == nullptr) {
    return with_cause(oidc_keys_missing(), "no keys of issuers can be had here");
  }
  auto set = keys->find(issuer, token);
  if (!set) {
    return refusal_of(std::move(set.error()));
  }
  if (!(*set)->verify(token)) {
    return with_cause(oidc_token_invalid(), "the signature is not of the key that the token names");
  }
  return {};
}

// The text of a claim that is propagated; empty if it is not there.
Result<std::string> text_of_claim(const Claims& claims, const std::string& name) {
  const codec::Json* claim = claims.find(name);
  if (claim == nullptr || claim->is_null()) {
    return std::string();
  }
  const bool is_text = !claim->is_object() && !claim->is_array();
  return is_text ? Result<std::string>(claim->text()) : oidc_context_invalid(name);
}

}  // namespace

Result<VerifiedToken> verify_token(const Secret& text,
                                   const std::string& account,
                                   const TokenVerifier& by) {
  auto token = jose::read_compact(text.reveal(secret_access()));
  if (!token) {
    return with_cause(oidc_no_jwt(), std::move(token.error()));
  }
  auto claims = Claims::read(token->payload);
  if (!claims) {
    return with_cause(oidc_no_jwt(), std::move(claims.error()));
  }
  const std::string issuer = TRY(required_text(*claims, "iss"));
  VerifiedToken verified{.claims = *std::move(claims)};
  verified.provider = TRY(find_provider(issuer, account, by.snapshot));
  verified.subject = TRY(required_text(verified.claims, "sub"));
  verified.audience = TRY(audience_of(verified.claims));
  TRY_STATUS(check_times(verified.claims, by.now));
  TRY_STATUS(check_audience(verified.provider, verified.audience));
  TRY_STATUS(check_signature(*token, verified.provider.issuer, by.keys));
  return verified;
}

Result<WebIdentity> verify_web_identity(const AssumeRoleWithWebIdentityRequest& request,
                                        const api::CheckContext& context) {
  const auto role = model::split_arn(request.role_arn);
  const VerifiedToken token = TRY(verify_token(request.web_identity_token,
                                               role ? std::string(role->account) : std::string(),
                                               {.snapshot = context.snapshot,
                                                .keys = context.deps.issuer_keys,
                                                .now = context.request.now}));
  const TokenProvider& provider = token.provider;
  WebIdentity identity{.issuer = provider.issuer,
                       .provider = provider.name,
                       .subject = token.subject,
                       .audience = token.audience};
  TRY_STATUS(read_claims(token.claims, request, identity));
  if (provider.own != nullptr && provider.own->propagation.context) {
    identity.propagated = TRY(propagated_keys(
        *provider.own->propagation.context,
        identity.issuer,
        identity.provider,
        [&](const std::string& name) { return text_of_claim(token.claims, name); }));
  }
  identity.who = {.kind = model::Vouched::Kind::WebIdentity,
                  .id = concat(identity.provider, ":", identity.audience, ":", identity.subject),
                  .name = identity.subject,
                  .provider = identity.provider};
  return identity;
}

}  // namespace signet::sts
