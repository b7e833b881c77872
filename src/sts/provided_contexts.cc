#include "sts/provided_contexts.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/fail_because.h"
#include "base/strings.h"
#include "facts/sts_sentences.h"
#include "sts/session_tags.h"
#include "token/context_assertion.h"

namespace signet::sts {
namespace {

// The one context provider that AWS documents.
constexpr std::string_view kIdentityCenter = "arn:aws:iam::aws:contextProvider/IdentityCenter";

}  // namespace

Result<IdentityContext> read_provided_contexts(const std::vector<ProvidedContext>& contexts,
                                               const std::string& account,
                                               const token::KeyRing& ring,
                                               Instant now) {
  IdentityContext identity;
  for (const ProvidedContext& given : contexts) {
    if (given.provider_arn != kIdentityCenter) {
      return with_cause(context_assertion_invalid(),
                        concat("there is no context provider ", given.provider_arn.value_or("")));
    }
    if (!identity.providers.empty()) {
      return with_cause(context_assertion_invalid(),
                        "a session has one user behind it, and the call names two");
    }
    std::optional<token::ContextAssertion> assertion =
        token::open_context_assertion(ring, given.context_assertion.value_or(""), now);
    if (!assertion || assertion->account != account) {
      return with_cause(context_assertion_invalid(),
                        assertion ? "the assertion is of an application of another account"
                                  : "the assertion is not of this server, or has expired");
    }
    identity.providers.emplace_back(kIdentityCenter);
    identity.keys = {
        {.key = "identitystore:UserId", .value = std::move(assertion->user_id)},
        {.key = "identitystore:IdentityStoreArn",
         .value = std::move(assertion->identity_store_arn)},
        {.key = "identitycenter:InstanceArn", .value = std::move(assertion->instance_arn)},
        {.key = "identitycenter:ApplicationArn", .value = std::move(assertion->application_arn)},
        {.key = "identitycenter:CredentialId", .value = std::move(assertion->credential_id)},
    };
  }
  return identity;
}

void add_context_checks(const IdentityContext& identity, authz::CheckList& list) {
  if (identity.providers.empty()) {
    return;
  }
  add_action("sts:SetContext", list);
  for (authz::Check& check : list) {
    check.context.push_back(
        {.key = "sts:RequestContextProviders", .values = identity.providers, .is_list = true});
    for (const model::Tag& key : identity.keys) {
      check.context.push_back(
          {.key = concat("sts:RequestContext/", key.key), .values = {key.value}});
    }
  }
}

}  // namespace signet::sts
