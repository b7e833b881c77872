#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/issuer.h"
#include "base/fail_because.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "crypto/sign_key.h"
#include "facts/errors.h"
#include "facts/signin_sentences.h"
#include "identity/issuers.h"
#include "jose/claims.h"
#include "jose/jwk.h"
#include "jose/jws.h"
#include "signin/evidence.h"
#include "signin/handlers.h"

// CreateOAuth2TokenWithTokenExchange (signin-api 3; RFC 8693, RFC 7523): a token of STS's
// GetWebIdentityToken, made for AWS Sign-In, becomes an access token that stands for the same user
// or role at a service. Nobody signs: who may have such a token is decided when it is made
// (sts:GetWebIdentityToken with sts:IdentityTokenAudience).
//
// AWS-DIFF: which tokens AWS takes is not documented; here those of the server's own issuers. Their
// audience and the access token's lack of scopes are Signet's too
// (tests/conformance/test_signin_token_exchange.py).
namespace signet::signin {
namespace {

constexpr std::string_view kTokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view kJwt = "urn:ietf:params:oauth:token-type:jwt";
constexpr std::string_view kAudience = "signin.amazonaws.com";
constexpr std::string_view kNamespace = "https://sts.amazonaws.com/";
constexpr std::int64_t kAccessSeconds = 3600;
constexpr std::int64_t kAheadSeconds = 300;

using Request = CreateOAuth2TokenWithTokenExchangeRequest;

bool is_exchange(const Request& request) {
  return request.grant_type == kTokenExchange;
}

std::unexpected<Error> invalid(std::string cause) {
  return with_cause(exchange_token_invalid(), std::move(cause));
}

// A service for an exchange, any URI for an assertion (the model's words).
Status check_resource(const Request& request) {
  if (!request.resource) {
    return exchange_parameter_missing("resource");
  }
  const std::string& resource = *request.resource;
  const std::size_t scheme = resource.find(':');
  const bool is_good =
      is_exchange(request)
          ? is_service(resource)
          : scheme != std::string::npos && scheme > 0 &&
                std::all_of(resource.begin(),
                            resource.begin() + static_cast<std::ptrdiff_t>(scheme),
                            [](char c) {
                              return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
                            });
  return is_good ? Status() : Status(exchange_resource_invalid(resource));
}

Result<const Secret*> token_of(const Request& request) {
  if (!is_exchange(request)) {
    return request.assertion ? Result<const Secret*>(&*request.assertion)
                             : exchange_parameter_missing("assertion");
  }
  if (!request.subject_token) {
    return exchange_parameter_missing("subject_token");
  }
  if (!request.subject_token_type) {
    return exchange_parameter_missing("subject_token_type");
  }
  if (*request.subject_token_type != kJwt) {
    return exchange_token_type_unsupported(*request.subject_token_type);
  }
  return &*request.subject_token;
}

// The issuer of this server that a token names.
Result<const identity::WebIdentityIssuer*> issuer_of(const jose::Claims& claims,
                                                     const api::CheckContext& context) {
  const std::string name = claims.text("iss").value_or("");
  const std::size_t place = name.rfind(identity::kIssuerPath);
  const auto* issuer = place == std::string::npos
                           ? nullptr
                           : context.snapshot.find_issuer(std::string_view(name).substr(
                                 place + identity::kIssuerPath.size()));
  if (issuer == nullptr || !issuer->is_enabled ||
      TRY(api::issuer_url(context.deps, *issuer)) != name) {
    return invalid("it is not of an issuer of this server that is switched on");
  }
  return issuer;
}

bool is_signed_by(const jose::CompactJws& jws,
                  const std::string& account,
                  const identity::Snapshot& snapshot) {
  for (const identity::IssuerKey* stored : identity::issuer_keys(snapshot, account)) {
    if (jws.key_id != stored->kid || !stored->sign_key()) {
      continue;
    }
    const bool is_rsa = stored->algorithm == identity::IssuerAlgorithm::Rs256;
    auto key = stored->sign_key()->verify_key();
    return key &&
           jose::verify(jws,
                        {.key_id = stored->kid,
                         .algorithm = is_rsa ? jose::Algorithm::Rs256 : jose::Algorithm::Es384,
                         .key = *std::move(key)});
  }
  return false;
}

// Nothing of one who is not there any more, or was made after the token: another of the same name.
template <class Entity>
std::optional<std::string> id_of(const identity::Snapshot& snapshot,
                                 std::string_view arn,
                                 std::string_view account,
                                 Instant issued) {
  const Entity* found = snapshot.find_by_arn<Entity>(arn);
  const bool is_same =
      found != nullptr && found->account == account && found->created.seconds() <= issued.seconds();
  return is_same ? std::optional(found->id) : std::nullopt;
}

Result<CallerToken> read_claims(const jose::Claims& claims,
                                const std::string& account,
                                const api::CheckContext& context) {
  const auto expires = claims.time("exp");
  const auto issued = claims.time("iat");
  const Instant now = context.request.now;
  if (!expires || !issued || *issued > now.plus_seconds(kAheadSeconds)) {
    return invalid("it does not say when it was made and when it ends, or is of the future");
  }
  if (*expires <= now) {
    return invalid("it has expired");
  }
  const auto audiences = claims.texts("aud");
  if (!audiences || std::ranges::find(*audiences, kAudience) == audiences->end()) {
    return invalid(concat("it is not for ", kAudience));
  }
  const codec::Json* of_sts = claims.find(kNamespace);
  const codec::Json* principal = of_sts != nullptr ? of_sts->find("principal_id") : nullptr;
  if (principal == nullptr || !principal->is_string()) {
    return invalid("it names no principal");
  }
  const std::string& arn = principal->text();
  auto id = id_of<identity::User>(context.snapshot, arn, account, *issued);
  if (!id) {
    id = id_of<identity::Role>(context.snapshot, arn, account, *issued);
  }
  if (!id) {
    return invalid(concat(arn, " is not there any more"));
  }
  CallerToken token;
  token.account = account;
  token.principal_id = *id;
  token.user_id = *std::move(id);
  token.arn = arn;
  token.issued = now;
  token.expires = std::min(*expires, now.plus_seconds(kAccessSeconds));
  return token;
}

// What a request says besides must be what its assertion says (the model's words). Tokens of an
// issuer of this server name neither clients nor resources.
Status check_rest(const Request& request, const jose::Claims& claims) {
  if (request.scope || claims.find("scope") != nullptr) {
    return exchange_scope_unsupported();
  }
  if (is_exchange(request)) {
    return {};
  }
  if (request.client_id && request.client_id != claims.text("client_id")) {
    return invalid("its client_id is not the request's");
  }
  return {};
}

}  // namespace

Result<ExchangedToken> examine(const Request& request, const api::CheckContext& context) {
  const Secret* text = TRY(token_of(request));
  TRY_STATUS(check_resource(request));
  const auto jws = jose::read_compact(text->reveal(secret_access()));
  if (!jws) {
    return invalid(jws.error());
  }
  const auto claims = jose::Claims::read(jws->payload);
  if (!claims) {
    return invalid(claims.error());
  }
  const identity::WebIdentityIssuer* issuer = TRY(issuer_of(*claims, context));
  if (!is_signed_by(*jws, issuer->account, context.snapshot)) {
    return invalid("its signature is not of a key of its issuer");
  }
  CallerToken token = TRY(read_claims(*claims, issuer->account, context));
  TRY_STATUS(check_rest(request, *claims));
  token.resource = *request.resource;
  const std::string subject = claims->text("sub").value_or("");
  const std::string provider = claims->text("iss").value_or("");
  return ExchangedToken{.token = std::move(token),
                        .who = {.kind = model::Vouched::Kind::WebIdentity,
                                .id = concat(provider, ":", kAudience, ":", subject),
                                .name = subject,
                                .provider = provider}};
}

Result<api::CheckList> checks(const Request& /*request*/,
                              const ExchangedToken& evidence,
                              const api::CheckContext& /*context*/) {
  api::CheckList list(1);
  list[0].action = "signin:CreateOAuth2Token";
  list[0].resource = "*";
  list[0].resource_account = evidence.token.account;
  list[0].grant = authz::Grant::ToEverybody;  // the token is the permission
  return list;
}

Result<CreateOAuth2TokenWithTokenExchangeResponse> handle(const api::Authorized& /*proof*/,
                                                          const Request& request,
                                                          const ExchangedToken& evidence,
                                                          api::HandlerContext& context) {
  auto sealed = seal_access_token(evidence.token, context.deps.rings, context.deps.random);
  if (!sealed) {
    return std::unexpected(facts::service_failure("no sealing key is valid now"));
  }
  CreateOAuth2TokenWithTokenExchangeResponse response{
      .access_token = Secret(*std::move(sealed)),
      .token_type = "Bearer",
      .expires_in = std::max<std::int64_t>(
          1, evidence.token.expires.seconds() - evidence.token.issued.seconds())};
  if (is_exchange(request)) {
    response.issued_token_type = "urn:ietf:params:oauth:token-type:access_token";
  } else {
    response.resource = evidence.token.resource;
  }
  return response;
}

}  // namespace signet::signin
