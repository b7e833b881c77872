#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/sts_types.h"
#include "identity/kinds/context_provider.h"
#include "model/caller.h"

namespace signet::sts {

// The text of a claim or attribute of that name; empty: there is none. An error for one that is no
// single text.
using ClaimText = std::function<Result<std::string>(const std::string& name)>;

// Longest text that is propagated, in characters (new-in-2026 6).
inline constexpr std::size_t kPropagatedCharacters = 128;

// The keys that the claims of `provider_arn` become by its context provider: aws:OriginIdentity/...
// and aws:TransactionContext/IdentityProvider/... (new-in-2026 6). A claim that is not there
// becomes none. InvalidIdentityToken for a claim that cannot be one.
[[nodiscard]] Result<std::vector<model::Tag>> propagated_keys(const identity::ContextProvider& by,
                                                              std::string_view issuer,
                                                              std::string_view provider_arn,
                                                              const ClaimText& text_of);

// The same as answers show it; nothing without any.
[[nodiscard]] std::optional<TrustedIdentityPropagationContext> propagation_of(
    const std::vector<model::Tag>& propagated);

}  // namespace signet::sts
