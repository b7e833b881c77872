#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authn/key_rings.h"
#include "base/fail_because.h"
#include "base/strings.h"
#include "codec/json_writer.h"
#include "crypto/sign_key.h"
#include "crypto/uuid.h"
#include "facts/errors.h"
#include "facts/ssooidc_sentences.h"
#include "identity/entities.h"
#include "identity/identity_center.h"
#include "jose/issue.h"
#include "model/arn.h"
#include "ssooidc/handlers.h"
#include "sts/web_identity.h"
#include "token/context_assertion.h"

// CreateTokenWithIAM of the OIDC service of IAM Identity Center, for the grant that AWS's guides to
// trusted identity propagation show: the token of a trusted issuer becomes the proof of who its
// user is, which AssumeRole takes (ProvidedContexts). A trusted issuer is an OIDC provider that is
// associated with the instance whose application asks; its users are told by the claim that its
// context provider names as their subject.
//
// AWS-DIFF: no applications of Identity Center are kept here, so that every ARN of one of the
// caller's account is taken, and the caller's permission on it decides; users are called by the
// claim itself, and there is no access token, which nothing here would take
// (tests/conformance/test_identity_context.py).
namespace signet::ssooidc {
namespace {

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::int64_t kTokenSeconds = 3'600;

// An application of IAM Identity Center: arn:aws:sso::ACCOUNT:application/INSTANCE/apl-....
struct Application {
  std::string account;
  std::string instance_arn;
};

std::optional<Application> application_of(std::string_view arn) {
  constexpr std::string_view kKind = "application/";
  const auto parts = model::split_arn(arn);
  if (!parts || parts->service != "sso" || !parts->resource.starts_with(kKind)) {
    return std::nullopt;
  }
  const std::string_view names = parts->resource.substr(kKind.size());
  const std::size_t slash = names.find('/');
  if (slash == std::string_view::npos || slash == 0 ||
      !names.substr(slash + 1).starts_with("apl-")) {
    return std::nullopt;
  }
  return Application{.account = std::string(parts->account),
                     .instance_arn = concat("arn:aws:sso:::instance/", names.substr(0, slash))};
}

// Signs what nobody verifies: SDKs read the claims alone.
std::optional<std::string> sign(std::string_view payload) {
  static const std::optional<crypto::SignKey> kKey =
      crypto::SignKey::make_ec(crypto::EcCurve::P384);
  return kKey ? jose::issue_token(jose::Algorithm::Es384, "EC384_0", *kKey, payload) : std::nullopt;
}

std::string payload_of(const token::ContextAssertion& assertion,
                       std::string_view context_text,
                       Instant now) {
  constexpr std::string_view kInstance = "arn:aws:sso:::instance/";
  std::string payload;
  codec::JsonWriter writer(payload);
  writer.begin_object();
  writer.member("iss",
                concat("https://identitycenter.amazonaws.com/",
                       std::string_view(assertion.instance_arn).substr(kInstance.size())));
  writer.member("sub", assertion.user_id);
  writer.member("aud", assertion.application_arn);
  writer.member("aws:identity_store_arn", assertion.identity_store_arn);
  writer.member("aws:instance_arn", assertion.instance_arn);
  writer.member("aws:instance_account", assertion.account);
  writer.member("aws:credential_id", assertion.credential_id);
  writer.member("sts:identity_context", context_text);
  writer.key("iat");
  writer.integer(now.seconds());
  writer.key("exp");
  writer.integer(assertion.expires.seconds());
  writer.end_object();
  return payload;
}

// The user whom the token is of, where its issuer is trusted by the application's instance.
Result<std::string> user_of(const CreateTokenWithIAMRequest& request,
                            const Application& application,
                            const api::HandlerContext& context) {
  if (!request.assertion) {
    return assertion_missing();
  }
  const auto token = sts::verify_token(
      *request.assertion,
      application.account,
      {.snapshot = context.snapshot, .keys = context.deps.issuer_keys, .now = context.request.now});
  if (!token) {
    const bool is_expired = token.error().code == ErrorCode::ExpiredTokenException;
    return is_expired ? std::unexpected(token.error())
                      : with_cause(assertion_invalid(), token.error().message);
  }
  const identity::OidcProvider* provider = token->provider.own;
  if (provider == nullptr || !provider->propagation.context ||
      provider->propagation.identity_center_instance != application.instance_arn) {
    return with_cause(assertion_invalid(),
                      "the issuer is no OIDC provider that is associated with the instance of the "
                      "application");
  }
  const std::string& claim = provider->propagation.context->subject_source;
  std::optional<std::string> user = token->claims.text(claim);
  if (!user || user->empty()) {
    return with_cause(assertion_invalid(), concat("the token has no text as its claim ", claim));
  }
  return *std::move(user);
}

}  // namespace

Result<api::CheckList> checks(const CreateTokenWithIAMRequest& request,
                              const api::CheckContext& context) {
  if (request.grant_type != kJwtBearer) {
    return grant_type_not_served(request.grant_type);
  }
  const auto application = application_of(request.client_id);
  if (!application || application->account != context.caller.account) {
    return client_unknown();
  }
  api::CheckList list(1);
  list[0].action = "sso-oauth:CreateTokenWithIAM";
  list[0].resource = request.client_id;
  list[0].wording = {.resource = request.client_id};
  return list;
}

Result<CreateTokenWithIAMResponse> handle(const api::Authorized& /*proof*/,
                                          const CreateTokenWithIAMRequest& request,
                                          api::HandlerContext& context) {
  const auto application = application_of(request.client_id);
  if (!application) {
    return client_unknown();
  }
  const Instant now = context.request.now;
  const token::ContextAssertion assertion{.expires = now.plus_seconds(kTokenSeconds),
                                          .account = application->account,
                                          .user_id = TRY(user_of(request, *application, context)),
                                          .identity_store_arn = identity::identity_store_arn(
                                              application->account, application->instance_arn),
                                          .instance_arn = application->instance_arn,
                                          .application_arn = request.client_id,
                                          .credential_id = crypto::uuid_v4(context.deps.random)};
  std::optional<std::string> sealed = token::seal_context_assertion(
      context.deps.rings.current(), assertion, now, context.deps.random);
  std::optional<std::string> id_token =
      sealed ? sign(payload_of(assertion, *sealed, now)) : std::nullopt;
  if (!id_token) {
    return std::unexpected(facts::service_failure("the identity context cannot be sealed now"));
  }
  CreateTokenWithIAMResponse response;
  response.token_type = "Bearer";
  response.expires_in = kTokenSeconds;
  response.id_token = Secret(*std::move(id_token));
  response.scope = {"openid", "aws", "sts:identity_context"};
  response.aws_additional_details = AwsAdditionalDetails{.identity_context = *std::move(sealed)};
  return response;
}

}  // namespace signet::ssooidc
