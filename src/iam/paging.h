#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/strings.h"
#include "identity/kinds/kind.h"

namespace signet::iam {

// Pages of lists (aws-wire 1.10). Every list has a total order by some key; a Marker holds the key
// of the last item that was sent, so nothing is kept between calls and entries that come or go in
// between neither repeat nor hide others. Markers are bound to the list they were made for: another
// list's, another account's or a made-up one is refused. They grant nothing, so a checksum without
// a key is enough.

inline constexpr std::size_t kDefaultPageSize = 100;
inline constexpr std::size_t kMaxPageSize = 1000;

// One call's place in a list.
struct PageQuery {
  std::string scope;  // names the list: operation, account, and what else selects it
  std::string after;  // key of the last item sent; empty: start
  std::size_t limit = kDefaultPageSize;
};

// Joins the parts of a list's name.
[[nodiscard]] std::string list_scope(std::string_view operation,
                                     std::string_view account,
                                     std::string_view of = {});

// Reads Marker and MaxItems. ValidationError "Invalid Marker." for a marker that this list did not
// issue.
[[nodiscard]] Result<PageQuery> read_page(std::string scope,
                                          const std::optional<std::string>& marker,
                                          const std::optional<std::int64_t>& max_items);

[[nodiscard]] std::string make_marker(std::string_view scope, std::string_view key);

// What one call sends. `marker` is set only when there is more.
template <class Item>
struct Page {
  std::vector<Item> items;
  std::optional<std::string> marker;
};

// Collects a page from items that arrive in key order.
template <class Item>
class PageBuilder {
 public:
  explicit PageBuilder(const PageQuery& query) : query_(query) {}

  // False once the page is full and there is more: stop then.
  bool add(std::string_view key, Item item) {
    if (key <= query_.after && !query_.after.empty()) {
      return true;
    }
    if (page_.items.size() == query_.limit) {
      page_.marker = make_marker(query_.scope, last_key_);
      return false;
    }
    page_.items.push_back(std::move(item));
    last_key_ = key;
    return true;
  }

  [[nodiscard]] Page<Item> take() { return std::move(page_); }

 private:
  const PageQuery& query_;
  Page<Item> page_;
  std::string last_key_;
};

// A page of items that need not be sorted: `key_of` gives the key of each, which must be unique.
template <class Item, class KeyOf>
// NOLINTNEXTLINE(performance-unnecessary-value-param): the items are moved out of it
[[nodiscard]] Page<Item> page_of(std::vector<Item> items,
                                 const PageQuery& query,
                                 const KeyOf& key_of) {
  std::vector<std::pair<std::string, Item>> keyed;
  keyed.reserve(items.size());
  for (Item& item : items) {
    std::string key = key_of(item);
    keyed.emplace_back(std::move(key), std::move(item));
  }
  std::sort(
      keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  PageBuilder<Item> builder(query);
  for (auto& [key, item] : keyed) {
    if (!builder.add(key, std::move(item))) {
      break;
    }
  }
  return builder.take();
}

// A page of a name table, restricted to one path prefix. `show` makes the item from the entity.
template <class Item, class Table, class Show>
[[nodiscard]] Page<Item> page_of_table(const Table& table,
                                       const PageQuery& query,
                                       std::string_view path_prefix,
                                       const Show& show) {
  PageBuilder<Item> builder(query);
  for (auto it = table.lower_bound(query.after); it != table.end(); ++it) {
    if (!it->value->path.starts_with(path_prefix)) {
      continue;
    }
    if (!builder.add(identity::key_text(it->key), show(*it->value))) {
      break;
    }
  }
  return builder.take();
}

// A page of a list whose order the request fixes: the keys are the numbers of its items. `make`
// makes the item of a number.
template <class Make>
[[nodiscard]] auto page_of_numbered(std::size_t total, const PageQuery& query, const Make& make) {
  const auto last = query.after.empty() ? std::nullopt : parse_decimal(query.after);
  std::size_t next = last ? static_cast<std::size_t>(*last) + 1 : 0;
  Page<decltype(make(next))> page;
  for (; next < total && page.items.size() < query.limit; ++next) {
    page.items.push_back(make(next));
  }
  if (next < total) {
    page.marker = make_marker(query.scope, std::to_string(next - 1));
  }
  return page;
}

// Puts IsTruncated and Marker into an answer.
template <class Response, class Item>
void set_position(Response& response, Page<Item>& page) {
  response.is_truncated = page.marker.has_value();
  response.marker = std::move(page.marker);
}

}  // namespace signet::iam
