#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference.h"

// The parts of the reference that compare texts and values.

namespace signet::ref {

// True while the numbered mistake is switched on.
[[nodiscard]] bool is_mutant(int number);

[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] bool setting(const Settings& settings, std::string_view name, bool standard);

// One element of a pattern: a code point, or a wildcard.
struct Element {
  enum class Kind { Char, One, Any };
  Kind kind = Kind::Char;
  char32_t point = 0;
};

using Elements = std::vector<Element>;

// A request as the matching sees it.
class Asked {
 public:
  Asked(const Question& question, const Settings& settings)
      : question_(question), settings_(settings) {}

  // The key's value; nothing when absent.
  [[nodiscard]] std::optional<ContextValue> find(const std::string& key) const;

  [[nodiscard]] bool is_multivalued(const std::string& key) const;

  // The pattern with its variables replaced; nothing when one has no value.
  [[nodiscard]] std::optional<Elements> pattern(const std::string& text,
                                                bool wildcards,
                                                bool variables) const;

  [[nodiscard]] bool resource_matches(const std::string& pattern,
                                      bool has_variables,
                                      std::string_view kind) const;
  [[nodiscard]] bool action_matches(const std::string& pattern) const;
  [[nodiscard]] bool condition_holds(const std::string& op,
                                     const std::string& key,
                                     const Json& values,
                                     bool has_variables) const;

  [[nodiscard]] const Question& question() const { return question_; }

  [[nodiscard]] const Settings& settings() const { return settings_; }

 private:
  [[nodiscard]] bool matches_any(const std::string& base,
                                 const std::string& value,
                                 const std::vector<std::string>& operands,
                                 bool has_variables) const;
  [[nodiscard]] bool matches_one(const std::string& base,
                                 const std::string& value,
                                 const std::string& operand,
                                 bool has_variables) const;
  [[nodiscard]] bool arn_matches(const std::string& value,
                                 const std::string& operand,
                                 bool has_variables) const;
  [[nodiscard]] std::optional<std::string> variable(const std::string& body) const;

  const Question& question_;
  const Settings& settings_;
};

[[nodiscard]] bool glob_match(const Elements& pattern, std::string_view subject, bool ignore_case);
[[nodiscard]] std::vector<std::string> split_colons(std::string_view text, std::size_t limit);

}  // namespace signet::ref
