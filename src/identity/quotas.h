#pragma once

#include <cstddef>
#include <string_view>

#include "facts/quotas.h"
#include "identity/snapshot.h"

namespace signet::identity {

// The account's limit: AWS's default unless the account's setting "quota.<name>" holds another
// number.
[[nodiscard]] std::size_t limit_of(const Snapshot& snapshot,
                                   std::string_view account,
                                   facts::Quota quota);

}  // namespace signet::identity
