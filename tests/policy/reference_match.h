#pragma once

#include <algorithm>
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
[[nodiscard]] bool same_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] bool setting(const Settings& settings, std::string_view name, bool standard);

// Whether a test passes for one of a value's strings; false without a value.
template <class Test>
bool any_text(const Json* value, Test test) {
  if (value == nullptr || value->kind != Json::Kind::Array) {
    return value != nullptr && test(value->text);
  }
  return std::any_of(value->items.begin(), value->items.end(), [&test](const Json& item) {
    return test(item.text);
  });
}

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
  Asked(const Question& question, const Settings& settings);
  Asked(const Asked&) = delete;  // the parts view the resource
  Asked& operator=(const Asked&) = delete;

  // The key's value; null when absent.
  [[nodiscard]] const ContextValue* find(const std::string& key) const;

  [[nodiscard]] bool is_multivalued(const std::string& key) const;

  // The pattern with its variables replaced; nothing when one has no value.
  [[nodiscard]] std::optional<Elements> pattern(std::string_view text,
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
                                 const Json& operands,
                                 bool has_variables) const;
  [[nodiscard]] bool matches_one(const std::string& base,
                                 const std::string& value,
                                 const std::string& operand,
                                 bool has_variables) const;
  [[nodiscard]] bool arn_matches(const std::string& value,
                                 const std::string& operand,
                                 bool has_variables) const;
  [[nodiscard]] std::optional<std::string> variable(std::string_view body) const;
  [[nodiscard]] bool append_variable(Elements& out, std::string_view body, bool wildcards) const;

  const Question& question_;
  const Settings& settings_;
  std::string resource_;
  std::vector<std::string_view> resource_parts_;
};

[[nodiscard]] bool glob_match(const Elements& pattern, std::string_view subject, bool ignore_case);
[[nodiscard]] std::vector<std::string_view> split_colons(std::string_view text, std::size_t limit);

}  // namespace signet::ref
