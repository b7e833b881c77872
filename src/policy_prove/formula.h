#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_language/operators.h"
#include "policy_telling/offline.h"

// What statements ask of one action on one resource, as alternatives of conditions.

namespace signet::policy::prove {

// One (operator, key) entry of a Condition block.
struct FormulaEntry {
  Operator op;
  std::string key;
  std::vector<std::string> values;  // sorted

  bool operator==(const FormulaEntry& other) const;
};

// A Condition block: all entries hold.
using FormulaTerm = std::vector<FormulaEntry>;

// One of the terms holds. Without terms: never; with an empty one: always.
using Formula = std::vector<FormulaTerm>;

// A draft of when the question's request is allowed, for its caller and with that action and
// resource: to be proved. Nothing: it cannot be told in conditions, or takes too many.
[[nodiscard]] std::optional<Formula> draft_formula(Question& question);

// The block as JSON. Nothing: two entries of the same operator and key cannot stand together.
[[nodiscard]] std::optional<std::string> condition_block(const FormulaTerm& term);

}  // namespace signet::policy::prove
