#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_engine/compiled.h"
#include "policy_prove/glob.h"

// What condition operators ask of one text.

namespace signet::policy::prove {

// The value a variable stands for: nothing where it has none; the outer nothing: any value may
// come.
using Bindings = std::function<std::optional<std::optional<std::string>>(const Variable&)>;

// A condition's operator with its operands, without sign, quantifier and presence.
struct Comparison {
  enum class Kind : std::uint8_t { Text, Number, Date, Address, Binary };
  Kind kind = Kind::Text;
  Compare compare = Compare::StringEquals;
  // Text: what passes whatever variables hold, and what can pass for some values of them. The same
  // where there are no variables.
  Language certain;
  Language possible;
  bool has_variables = false;
  bool ignore_case = false;
  std::vector<Number> numbers;
  std::vector<std::int64_t> dates;
  std::vector<IpBlock> blocks;
  std::vector<std::string> binaries;
};

// The test of a condition (any but Null). A variable without binding makes `certain` and `possible`
// differ.
[[nodiscard]] Comparison make_comparison(const CompiledPolicy& policy,
                                         const Condition& condition,
                                         const Bindings& bindings);

// Tokens of a pattern as a glob. Nothing: a variable has no value, so no text matches.
// `is_certain`: a variable of unknown value matches nothing, otherwise anything; `has_unknown` is
// set where there is one.
[[nodiscard]] std::optional<Glob> glob_of(const CompiledPolicy& policy,
                                          const Pattern& pattern,
                                          const Bindings& bindings,
                                          bool is_certain,
                                          bool in_part,
                                          bool& has_unknown);

// Whether the text passes; nothing where that depends on a variable.
[[nodiscard]] std::optional<bool> passes(const Comparison& test, std::string_view text);

struct TextWish {
  const Comparison* test = nullptr;
  bool is_passed = true;
};

}  // namespace signet::policy::prove
