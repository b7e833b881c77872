#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet::policy {

// What is compared, without sign and quantifier.
enum class Compare : std::uint8_t {
  StringEquals,
  StringEqualsIgnoreCase,
  StringLike,
  NumericEquals,
  NumericLess,
  NumericLessOrEqual,
  NumericGreater,
  NumericGreaterOrEqual,
  DateEquals,
  DateLess,
  DateLessOrEqual,
  DateGreater,
  DateGreaterOrEqual,
  Bool,
  BinaryEquals,
  IpAddress,
  ArnLike,
  Null,
};

enum class Quantifier : std::uint8_t { None, ForAllValues, ForAnyValue };

// A condition operator: [ForAllValues:|ForAnyValue:] Base [IfExists].
struct Operator {
  Compare compare = Compare::StringEquals;
  Quantifier quantifier = Quantifier::None;
  bool is_negated = false;
  bool if_exists = false;
};

// Nothing for an unknown name, and for NullIfExists. Case is ignored unless `exact_case`
//
[[nodiscard]] std::optional<Operator> parse_operator(std::string_view name,
                                                     bool exact_case = false);

// How a policy writes it; of the two names for ARNs the one that says that they may have wildcards.
[[nodiscard]] std::string operator_name(const Operator& op);

[[nodiscard]] bool is_string_compare(Compare compare);
[[nodiscard]] bool is_date_compare(Compare compare);
[[nodiscard]] bool is_numeric_compare(Compare compare);

}  // namespace signet::policy
