#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "facts/signin_sentences.h"
#include "signin/access_token.h"
#include "signin/handlers.h"

// CreateOAuth2TokenWithIAM and CreateBearerToken (signin-api 3): a signed caller gets a token that
// stands for it at a service.
namespace signet::signin {
namespace {

constexpr std::int64_t kAccessSeconds = 3600;
constexpr std::int64_t kBearerSeconds = 12LL * 3600;

api::CheckList check_of(std::string_view action,
                        std::string_view resource,
                        const api::CheckContext& context) {
  api::CheckList list(1);
  list[0].action = action;
  list[0].resource = concat("arn:aws:signin:",
                            context.request.region,
                            ":",
                            context.caller.account,
                            ":service-principal/",
                            resource);
  list[0].wording.resource = list[0].resource;
  list[0].context = {{.key = "signin:OAuthGrantType", .values = {"client_credentials"}}};
  return list;
}

struct Made {
  std::string token;
  std::int64_t seconds = 0;
};

// As long as that, and no longer than the caller's own credentials.
Result<Made> make_token(std::string_view resource,
                        std::int64_t seconds,
                        const api::HandlerContext& context) {
  if (!is_service(resource)) {
    return service_unknown(resource);
  }
  const Instant now = context.request.now;
  Instant expires = now.plus_seconds(seconds);
  if (context.caller.session != nullptr) {
    expires = std::min(expires, context.caller.session->expires);
  }
  auto sealed = seal_access_token(access_token_for(context.caller, resource, now, expires),
                                  context.deps.rings,
                                  context.deps.random);
  if (!sealed) {
    return std::unexpected(facts::service_failure("no sealing key is valid now"));
  }
  return Made{.token = *std::move(sealed), .seconds = expires.seconds() - now.seconds()};
}

}  // namespace

Result<api::CheckList> checks(const CreateOAuth2TokenWithIAMRequest& request,
                              const api::CheckContext& context) {
  return check_of("signin:CreateOAuth2Token", request.resource, context);
}

Result<CreateOAuth2TokenWithIAMResponse> handle(const api::Authorized& /*proof*/,
                                                const CreateOAuth2TokenWithIAMRequest& request,
                                                api::HandlerContext& context) {
  Made made = TRY(make_token(request.resource, kAccessSeconds, context));
  return CreateOAuth2TokenWithIAMResponse{.access_token = Secret(std::move(made.token)),
                                          .token_type = "Bearer",
                                          .expires_in = made.seconds};
}

Result<api::CheckList> checks(const CreateBearerTokenRequest& request,
                              const api::CheckContext& context) {
  return check_of("signin:CreateBearerToken", request.resource, context);
}

Result<CreateBearerTokenResponse> handle(const api::Authorized& /*proof*/,
                                         const CreateBearerTokenRequest& request,
                                         api::HandlerContext& context) {
  const std::int64_t seconds = request.duration_seconds.value_or(kBearerSeconds);
  if (seconds > kBearerSeconds) {
    return bearer_duration_too_long(kBearerSeconds);
  }
  Made made = TRY(make_token(request.resource, seconds, context));
  return CreateBearerTokenResponse{.access_token = Secret(std::move(made.token)),
                                   .token_type = "Bearer",
                                   .expires_in = made.seconds};
}

}  // namespace signet::signin
