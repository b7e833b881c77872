#include "facts/condition_keys.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/strings.h"

namespace signet::facts {
namespace {

constexpr auto kRows = std::to_array<ConditionKeyRow>({
#include "facts/condition_keys_table.inc"
});

constexpr std::array<std::uint8_t, kKeyCount> rows_of_keys() {
  std::array<std::uint8_t, kKeyCount> rows{};
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].shape != KeyShape::Family) {
      rows[kRows[i].id] = static_cast<std::uint8_t>(i);
    }
  }
  return rows;
}

constexpr std::array<std::uint8_t, kTagFamilyCount> rows_of_families() {
  std::array<std::uint8_t, kTagFamilyCount> rows{};
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].shape == KeyShape::Family) {
      rows[kRows[i].id] = static_cast<std::uint8_t>(i);
    }
  }
  return rows;
}

constexpr auto kRowOfKey = rows_of_keys();
constexpr auto kRowOfFamily = rows_of_families();

const ConditionKeyRow* find_exact(std::string_view name) {
  const auto* found = std::lower_bound(
      kRows.begin(), kRows.end(), name, [](const ConditionKeyRow& row, std::string_view wanted) {
        return compare_ignore_case(row.name, wanted) < 0;
      });
  return found != kRows.end() && equals_ignore_case(found->name, name) ? found : nullptr;
}

}  // namespace

std::span<const ConditionKeyRow> condition_keys() {
  return kRows;
}

const ConditionKeyRow* find_condition_key(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) {
    return find_exact(name);
  }
  const ConditionKeyRow* row = find_exact(name.substr(0, slash + 1));
  return row != nullptr && slash + 1 < name.size() ? row : nullptr;
}

const ConditionKeyRow& condition_key(KeyId id) {
  return kRows[kRowOfKey[static_cast<std::size_t>(id)]];
}

const ConditionKeyRow& condition_key(TagFamily family) {
  return kRows[kRowOfFamily[static_cast<std::size_t>(family)]];
}

}  // namespace signet::facts
