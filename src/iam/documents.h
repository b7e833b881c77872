#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/snapshot.h"

namespace signet::iam {

// Policy texts on their way into entities, and out again.

// A text that is to be an identity policy (inline or managed). MalformedPolicyDocument in AWS's
// words. Sizes are the caller's to check.
[[nodiscard]] Result<identity::DocumentRef> accept_identity_policy(std::string_view text);

// A role's trust policy with the unique ids of the principals it names now.
struct TrustPolicy {
  identity::DocumentRef document;
  std::vector<identity::PrincipalPin> pins;
};

// MalformedPolicyDocument, also for a principal that does not exist; LimitExceeded when it is
// longer than the account may have one.
[[nodiscard]] Result<TrustPolicy> accept_trust_policy(const identity::Snapshot& snapshot,
                                                      std::string_view account,
                                                      std::string_view text);

// A role's trust policy as it reads today: pinned principals by their present ARN or, when they are
// gone, by their id.
[[nodiscard]] std::string shown_trust_policy(const identity::Role& role,
                                             const identity::Snapshot& snapshot);

}  // namespace signet::iam
