#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policy_engine/compiled.h"

// The actions that a request can name, sorted by what statements say of them.

namespace signet::policy::prove {

// Actions that the same statements mention.
struct ActionClass {
  std::string action;  // one of them, of AWS's catalogue if any is there
  bool is_in_catalogue = false;
  std::vector<bool> mentioned;  // a bit per statement
};

struct ActionStatement {
  const CompiledPolicy* policy = nullptr;
  const CompiledStatement* statement = nullptr;
};

// Every class of actions that some statement mentions, each once. Names that AWS does not have
// count too: a pattern grants what AWS adds tomorrow. `apart`: actions that get a class of their
// own, whatever statements say. False: too many. `service:Name` of letters, digits and signs as AWS
// uses them.
[[nodiscard]] bool find_action_classes(std::span<const ActionStatement> statements,
                                       std::span<const std::string_view> apart,
                                       std::vector<ActionClass>& out);

}  // namespace signet::policy::prove
