#pragma once

#include <cstdint>

#include "api/operation.h"
#include "base/result.h"
#include "facts/sts_types.h"
#include "model/caller.h"

namespace signet::sts {

// Ends a session's making: gives it an access key id, a secret and its times, and seals it.
// `session` has everything else filled in. Error: PackedPolicyTooLarge if policies and tags do not
// fit into a token; ServiceFailure if no key may seal now.
[[nodiscard]] Result<Credentials> issue(model::Session session,
                                        std::int64_t duration_seconds,
                                        const api::HandlerContext& context);

}  // namespace signet::sts
