#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "policy_engine/index_parts.h"

// Building the parts of an index; private to this room.

namespace signet::policy {

// The class of the statements with these row numbers. Null when it does not fit a block.
[[nodiscard]] ClassBodyOwner build_class_body(const IndexRows& index,
                                              std::vector<std::uint32_t> class_rows);

}  // namespace signet::policy
