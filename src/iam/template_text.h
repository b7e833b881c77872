#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/templates.h"

namespace signet::iam {

// What takes the place of a placeholder @{name}.
struct TemplateValue {
  std::string name;
  bool is_list = false;
  std::vector<std::string> values;  // exactly one unless is_list

  bool operator==(const TemplateValue&) const = default;
};

using TemplateValues = std::vector<TemplateValue>;

// Names of the placeholders of a text, in their order. Nothing for a text in which "@{" has no name
// or no end.
[[nodiscard]] std::optional<std::vector<std::string>> placeholders_of(std::string_view text);

// InvalidInput unless the values are such as the parameter takes: how many, and of which form.
[[nodiscard]] Status check_values(const identity::TemplateParameter& parameter,
                                  const std::vector<std::string>& values);

// A pattern with its values, each as it is; in one pass, so that a value is never read as a
// pattern. InvalidInput when a value is missing or is a list.
[[nodiscard]] Result<std::string> fill_text(std::string_view pattern, const TemplateValues& values);

// A JSON document with its values, written without blanks. Placeholders stand in strings that are
// no member names. A string that is nothing but the placeholder of a list becomes the items of that
// list; everything else keeps its structure, whatever the values contain. InvalidInput when a value
// is missing, is a list inside a longer string, or has a character with a meaning in policies: *,
// ?, $, { or }.
// AWS-DIFF: values with wildcards or policy variables are refused in policies of templates, since
// they would reach further than the template says (TemplateTexts.ValuesCannotWidenAPolicy); what
// AWS does with them is not known.
[[nodiscard]] Result<std::string> fill_document(std::string_view document,
                                                const TemplateValues& values);

// The same text for documents that say the same: blanks, the order of members and of list items, a
// list of one item instead of the item. Nothing for what is no JSON.
[[nodiscard]] std::optional<std::string> canonical_document(std::string_view document);

}  // namespace signet::iam
