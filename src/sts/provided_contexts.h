#pragma once

#include <string>
#include <vector>

#include "authz/check.h"
#include "base/instant.h"
#include "base/result.h"
#include "facts/sts_types.h"
#include "model/caller.h"
#include "token/key_ring.h"

namespace signet::sts {

// What the contexts of an AssumeRole call say of the user behind it (ProvidedContexts).
struct IdentityContext {
  std::vector<std::string> providers;  // ARNs; empty: the call has none
  std::vector<model::Tag> keys;        // identitystore:UserId and its like, which the session keeps
};

// Opens them. Errors: InvalidContextAssertion for a provider that is not IAM Identity Center's, an
// assertion that is not of this server and the caller's account or has expired, and more than one.
[[nodiscard]] Result<IdentityContext> read_provided_contexts(
    const std::vector<ProvidedContext>& contexts,
    const std::string& account,
    const token::KeyRing& ring,
    Instant now);

// sts:RequestContextProviders and sts:RequestContext/KEY of the first check, which is asked once
// more for sts:SetContext. Nothing without contexts. To be called after add_session_checks().
void add_context_checks(const IdentityContext& identity, authz::CheckList& list);

}  // namespace signet::sts
