#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/snapshot.h"
#include "rolesanywhere/named.h"

namespace signet::rolesanywhere {

// Lists are in the order of age. A token holds the key of the last item that was sent, so nothing
// is kept between calls; it is of one list, and grants nothing.

struct PageQuery {
  std::string after;  // key of the last item sent; empty: start
  std::size_t limit = 0;
};

// ValidationException for a token of another list and for a size that is none.
[[nodiscard]] Result<PageQuery> read_page(std::string_view type,
                                          const Place& place,
                                          const std::optional<std::string>& token,
                                          const std::optional<std::int64_t>& size);

[[nodiscard]] std::string next_token(std::string_view type,
                                     const Place& place,
                                     std::string_view key);

template <class Item>
struct Page {
  std::vector<Item> items;
  std::optional<std::string> next;  // set only when there is more
};

// Those of a place; `show` makes an item of an entity.
template <class Entity, class Show>
[[nodiscard]] auto page_of(const identity::Snapshot& snapshot,
                           const Place& place,
                           const PageQuery& query,
                           const Show& show) {
  Page<decltype(show(std::declval<const Entity&>()))> page;
  const std::string first = identity::relation_key(place.region, "");
  const auto& table = snapshot.index<identity::InRegion<Entity>>(place.account);
  std::string last;
  for (auto it = table.lower_bound(query.after.empty() ? first : query.after);
       it != table.end() && it->key.starts_with(first);
       ++it) {
    if (it->key == query.after) {
      continue;
    }
    if (page.items.size() == query.limit) {
      page.next = next_token(Named<Entity>::kType, place, last);
      break;
    }
    page.items.push_back(show(*it->value));
    last = it->key;
  }
  return page;
}

// How many there are at a place.
template <class Entity>
[[nodiscard]] std::size_t count_of(const identity::Snapshot& snapshot, const Place& place) {
  const std::string first = identity::relation_key(place.region, "");
  const auto& table = snapshot.index<identity::InRegion<Entity>>(place.account);
  std::size_t count = 0;
  for (auto it = table.lower_bound(first); it != table.end() && it->key.starts_with(first); ++it) {
    ++count;
  }
  return count;
}

}  // namespace signet::rolesanywhere
