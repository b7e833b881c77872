#pragma once

#include <string_view>

#include "base/result.h"
#include "identity/snapshot.h"

namespace signet::iam {

// A policy that may become the boundary of a user or role of this account. InvalidInput for what is
// no policy ARN, NoSuchEntity for a policy that is not there.
[[nodiscard]] Status require_boundary(const identity::Snapshot& snapshot,
                                      std::string_view account,
                                      std::string_view arn);

}  // namespace signet::iam
