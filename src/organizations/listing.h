#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace signet::organizations {

// A token holds how many items of which list were sent: nothing is kept between calls, and it
// grants nothing. A list that changes meanwhile may repeat or leave out an item, as AWS's may.

// The most, and what is taken where nothing is said.
inline constexpr std::size_t kMaxResults = 20;

// How many were sent before. ValidationError for a token of another list.
[[nodiscard]] Result<std::size_t> items_before(std::string_view list,
                                               const std::optional<std::string>& token);

[[nodiscard]] std::string next_token(std::string_view list, std::size_t sent);

// Answers the page that a request asks for, of all items in their order; `list` names what they are
// of, parameters included.
template <class Response, class Item, class Request>
[[nodiscard]] Result<Response> page_of(std::vector<Item> items,
                                       std::optional<std::vector<Item>> Response::* member,
                                       std::string_view list,
                                       const Request& request) {
  const std::size_t begin = TRY(items_before(list, request.next_token));
  std::size_t limit = kMaxResults;
  if constexpr (requires { request.max_results; }) {
    limit = static_cast<std::size_t>(request.max_results.value_or(kMaxResults));
  }
  Response response;
  std::vector<Item>& page = (response.*member).emplace();
  for (std::size_t i = begin; i < items.size() && page.size() < limit; ++i) {
    page.push_back(std::move(items[i]));
  }
  if (begin + page.size() < items.size()) {
    response.next_token = next_token(list, begin + page.size());
  }
  return response;
}

}  // namespace signet::organizations
