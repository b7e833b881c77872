#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "facts/iam_types.h"
#include "iam/checks.h"
#include "identity/kinds/context_provider.h"

namespace signet::iam {

// Checks a context provider as requests bring it (new-in-2026 6). A mapped claim without a target
// keeps its name. InvalidInput: names with other signs, two mappings to one target, a type of
// subject beside the claim that says it.
[[nodiscard]] Result<identity::ContextProvider> accept_context_provider(
    const ContextProvider& given);

[[nodiscard]] std::optional<ContextProvider> to_wire(
    const std::optional<identity::ContextProvider>& kept);

// As answers show the association; nothing without one.
[[nodiscard]] std::optional<std::string> shown_instance(const identity::Propagation& kept);
[[nodiscard]] std::optional<std::string> shown_store(const identity::Propagation& kept,
                                                     std::string_view account);

// What a request says of trusted identity propagation. Borrows from the request.
struct PropagationRequest {
  const std::optional<ContextProvider>& context;
  const std::optional<std::string>& instance;
  bool removes_context = false;
  bool removes_instance = false;
};

template <class Request>
[[nodiscard]] PropagationRequest propagation_in(const Request& request) {
  PropagationRequest asked{.context = request.context_provider,
                           .instance = request.identity_center_instance_arn};
  if constexpr (requires { request.remove_context_provider; }) {
    asked.removes_context = request.remove_context_provider.value_or(false);
    asked.removes_instance = request.remove_identity_center_instance.value_or(false);
  }
  return asked;
}

// For a provider that is made. AWS-DIFF: no instances of IAM Identity Center are kept here, so any
// well-formed ARN of one is taken (OidcProviders.AreAssociatedWithAnIdentityCenterInstance).
// InvalidInput: an instance without a
// context provider or that is no ARN of one, and what accept_context_provider() refuses.
[[nodiscard]] Result<identity::Propagation> first_propagation(const PropagationRequest& asked);

// For one that is changed. InvalidInput besides: a value and its removal, context provider and
// association at once, a context provider that an association still needs.
[[nodiscard]] Status change_propagation(const PropagationRequest& asked,
                                        identity::Propagation& kept);

// The condition keys of new-in-2026 6 but for the issuers.
void add_propagation_keys(const PropagationRequest& asked,
                          const identity::Propagation* stored,
                          api::Check& check);

// iam:RequestIdentityProviderIssuers, iam:ResourceIdentityProviderIssuers: OIDC providers by URL
// without https://, SAML providers by entity id.
void add_issuers_key(std::string_view key, std::vector<std::string> issuers, api::Check& check);

}  // namespace signet::iam
