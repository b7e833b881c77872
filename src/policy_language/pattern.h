#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "policy_language/context.h"

namespace signet::policy {

// ${key} or ${key, 'default'}.
struct Variable {
  KeyRef key;
  std::string_view default_value;
  bool has_default = false;
};

// One piece of a pattern.
struct Token {
  enum class Kind : std::uint8_t { Literal, AnyChar, AnyRun, Variable };
  Kind kind = Kind::Literal;
  std::uint32_t variable = 0;  // index into PatternStore::variables
  std::string_view literal;
};

// A pattern of a policy: a run of tokens in a PatternStore.
struct Pattern {
  std::uint32_t first = 0;
  std::uint16_t count = 0;
  bool has_wildcard = false;
  bool has_variable = false;
};

// Owns tokens and variables of many patterns; the texts are views into the document.
struct PatternStore {
  std::vector<Token> tokens;
  std::vector<Variable> variables;

  [[nodiscard]] std::span<const Token> of(const Pattern& pattern) const {
    return {tokens.data() + pattern.first, pattern.count};
  }
};

// What has a meaning inside a text. Elsewhere these characters are literal.
struct PatternRules {
  bool wildcards = false;
  bool variables = false;
};

// Tokenises a text. ${*}, ${?} and ${$} are literal characters; a malformed variable is literal
// text. Linear in the text. A text of more than 65,535 tokens is cut into a pattern
// that matches nothing.
[[nodiscard]] Pattern make_pattern(PatternStore& store, std::string_view text, PatternRules rules);

// Where a variable at text[at] == '$' ends (one past the brace) and what it says; end == at when it
// is none.
struct VariableSyntax {
  std::size_t end = 0;
  std::string_view key;  // "*", "?", "$" for the literal characters
  std::string_view default_value;
  bool has_default = false;
};

[[nodiscard]] VariableSyntax scan_variable(std::string_view text, std::size_t at);

// Gives variables their values while a request is decided.
class VariableSource {
 public:
  virtual ~VariableSource() = default;
  // False when the variable has no value. The view lives until the next call.
  [[nodiscard]] virtual bool value_of(const Variable& variable, std::string_view& out) = 0;
};

// `*` any run, `?` one code point, everything else itself. Values of variables are
// literal; a variable without a value makes the pattern match nothing. Time O(n * longest
// segment), no recursion, no allocation.
[[nodiscard]] bool match_tokens(std::span<const Token> tokens,
                                std::span<const Variable> variables,
                                std::string_view subject,
                                VariableSource* source,
                                bool ignore_case = false);

// The same for a text whose only special characters are `*` and `?`.
[[nodiscard]] bool match_glob(std::string_view pattern, std::string_view subject);

// Action patterns: both sides are compared without regard to ASCII case.
[[nodiscard]] bool match_glob_ignore_case(std::string_view pattern, std::string_view subject);

}  // namespace signet::policy
