#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policy_engine/compiled.h"
#include "policy_prove/budget.h"

// The actions that a request can name, sorted by what statements say of them.

namespace signet::policy::prove {

// Actions that the same statements mention.
struct ActionClass {
  std::string action;              // one of them, of AWS's catalogue if any is there
  std::vector<std::string> known;  // those of AWS's catalogue, the first of them
  std::vector<bool> mentioned;     // a bit per statement

  [[nodiscard]] bool is_in_catalogue() const { return !known.empty(); }
};

// Names of AWS's catalogue that a class keeps.
inline constexpr std::size_t kMaxKnownActions = 64;

struct ActionStatement {
  const CompiledPolicy* policy = nullptr;
  const CompiledStatement* statement = nullptr;
};

// Which classes are asked for.
struct ActionQuestion {
  std::span<const ActionStatement> statements;
  std::span<const std::string_view> apart;   // get a class of their own, whatever statements say
  const std::vector<bool>* about = nullptr;  // a bit per statement; null: all
};

// Every class of actions that one of those statements mentions (all of them: that some statement
// does), each once. Names that AWS does not have count too: a pattern grants what AWS adds
// tomorrow. False: too many. `service:Name` of letters, digits and signs as AWS uses them.
[[nodiscard]] bool find_action_classes(const ActionQuestion& question,
                                       Budget& budget,
                                       std::vector<ActionClass>& out);

}  // namespace signet::policy::prove
