#pragma once

#include <cstdint>

#include "policy_engine/evaluate.h"
#include "policy_engine/policy_set.h"

// Asking a set about one request: through its index, or statement by statement. Private to this
// room.

namespace signet::policy {

// The statement with that row number.
[[nodiscard]] StatementRef statement_at(const PolicySet& set, std::uint32_t row);

struct ActionClass;

// Asks a set about the class that its index has for the request's action; null: the plain way.
[[nodiscard]] SetAnswer evaluate_class(const PolicySet& set,
                                       const ActionClass* found,
                                       Evaluation& evaluation,
                                       Wanted wanted);

// The same with the look-up.
[[nodiscard]] SetAnswer evaluate_set(const PolicySet& set, Evaluation& evaluation, Wanted wanted);

// The same, statement by statement: the fall-back when an index cannot be built, and the naive
// yardstick.
[[nodiscard]] SetAnswer evaluate_set_plainly(const PolicySet& set,
                                             Evaluation& evaluation,
                                             Wanted wanted);

}  // namespace signet::policy
