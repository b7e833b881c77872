#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "policy/index.h"

// Building the parts of an index; private to this room.

namespace signet::policy {

// Groups with more patterns than this get a trie.
inline constexpr std::size_t kWalkMost = 4;

[[nodiscard]] IndexPattern make_index_pattern(const PatternStore& store,
                                              const Pattern& tail,
                                              std::uint32_t row,
                                              std::uint16_t head);

[[nodiscard]] std::unique_ptr<ClassBody> build_class_body(const PolicySet::Index& index,
                                                          std::vector<std::uint32_t> class_rows);

}  // namespace signet::policy
