#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "facts/quotas.h"
#include "identity/quotas.h"
#include "identity/snapshot.h"

namespace signet::iam {

using facts::Quota;  // numbers of things an account may have; the name is what LimitExceeded says

using identity::limit_of;

// LimitExceeded if one more than `used` would be too many.
[[nodiscard]] Status require_room(const identity::Snapshot& snapshot,
                                  std::string_view account,
                                  Quota quota,
                                  std::size_t used);

}  // namespace signet::iam
