#pragma once

#include <string>

#include "facts/policy_words.h"
#include "identity/entities.h"

namespace signet::iam {

// What a delegation request would allow, in words for people: who asks, for how long, and each
// statement of its policy as it will be decided. At most 10,000 characters; what does not fit is
// counted, never left out silently.
[[nodiscard]] std::string delegation_summary(const identity::DelegationRequest& request,
                                             facts::Language language = facts::Language::English);

}  // namespace signet::iam
