#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::sessions {

// Checks the session policies of a call and puts them into the session (aws-wire 3.0): one inline
// policy, at most ten managed ones of the session's account or AWS's, 2,048 characters in all.
// Errors: MalformedPolicyDocument, ValidationError.
[[nodiscard]] Status add_session_policies(const std::optional<std::string>& policy,
                                          const std::vector<std::string>& policy_arns,
                                          const identity::Snapshot& snapshot,
                                          model::Session& session);

// PackedPolicySize of the session's policies and tags; PackedPolicyTooLarge beyond 100, in other
// words when the tags are too much by themselves.
[[nodiscard]] Result<std::int64_t> packed_size(const model::Session& session);

}  // namespace signet::sessions
