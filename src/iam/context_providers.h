#pragma once

#include <optional>

#include "base/result.h"
#include "facts/iam_types.h"
#include "identity/kinds/context_provider.h"

namespace signet::iam {

// Checks a context provider as requests bring it (new-in-2026 6). A mapped claim without a target
// keeps its name. InvalidInput: names with other signs, two mappings to one target, a type of
// subject beside the claim that says it.
[[nodiscard]] Result<identity::ContextProvider> accept_context_provider(
    const ContextProvider& given);

[[nodiscard]] std::optional<ContextProvider> to_wire(
    const std::optional<identity::ContextProvider>& kept);

}  // namespace signet::iam
