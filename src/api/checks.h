#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "api/operation.h"

// Decisions that calls of any service need.
namespace signet::api {

[[nodiscard]] inline CheckList one_check(Check check) {
  CheckList list;  // a braced list would copy it
  list.push_back(std::move(check));
  return list;
}

// The action knows no resource types.
[[nodiscard]] inline Check account_check(std::string_view action) {
  return {.action = std::string(action),
          .resource = "*",
          .wording = {.resource = "*"},
          .wildcard_only = true};
}

}  // namespace signet::api
