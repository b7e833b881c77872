#pragma once

#include <string>
#include <string_view>

#include "identity/kinds/kind.h"

namespace signet::identity {

// Calls visit(entry) for every entry of a table with Index::Owner that belongs to `owner`, in
// order, until it returns false.
template <class Table, class Visit>
void for_each_related(const Table& table, std::string_view owner, const Visit& visit) {
  const std::string first = relation_key(owner, {});
  for (auto it = table.lower_bound(first); it != table.end() && it->key.starts_with(first); ++it) {
    if (!visit(*it)) {
      return;
    }
  }
}

template <class Table>
[[nodiscard]] bool has_related(const Table& table, std::string_view owner) {
  bool found = false;
  for_each_related(table, owner, [&found](const auto&) {
    found = true;
    return false;
  });
  return found;
}

}  // namespace signet::identity
