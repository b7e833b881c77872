#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "facts/condition_key_ids.h"  // IWYU pragma: export

namespace signet::facts {

enum class KeyType : std::uint8_t { Arn, Bool, Date, Ip, Numeric, String };

enum class KeyShape : std::uint8_t { Single, List, Family };

// One row of facts/condition_keys.tsv.
struct ConditionKeyRow {
  std::string_view name;  // as AWS writes it; a family ends in '/'
  KeyType type;
  KeyShape shape;
  std::uint8_t id;  // a KeyId, or a TagFamily when shape is Family
};

// All rows, sorted by name with ASCII case ignored.
[[nodiscard]] std::span<const ConditionKeyRow> condition_keys();

// The row of a key name, ASCII case ignored. For a family member such as
// aws:PrincipalTag/team the family's row. Null for a key that has no slot. Thread-safe, no
// allocation.
[[nodiscard]] const ConditionKeyRow* find_condition_key(std::string_view name);

// The row of a fixed key, of a family.
[[nodiscard]] const ConditionKeyRow& condition_key(KeyId id);
[[nodiscard]] const ConditionKeyRow& condition_key(TagFamily family);

}  // namespace signet::facts
