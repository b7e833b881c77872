#include "policy_language/operators.h"

#include <algorithm>
#include <array>

#include "base/assertion.h"
#include "base/strings.h"

namespace signet::policy {
namespace {

struct Row {
  std::string_view name;
  Compare compare;
  bool is_negated;
};

// policy-semantics 3.5; the negated ones are exactly those of.
constexpr auto kRows = std::to_array<Row>({
    {"StringEquals", Compare::StringEquals, false},
    {"StringNotEquals", Compare::StringEquals, true},
    {"StringEqualsIgnoreCase", Compare::StringEqualsIgnoreCase, false},
    {"StringNotEqualsIgnoreCase", Compare::StringEqualsIgnoreCase, true},
    {"StringLike", Compare::StringLike, false},
    {"StringNotLike", Compare::StringLike, true},
    {"NumericEquals", Compare::NumericEquals, false},
    {"NumericNotEquals", Compare::NumericEquals, true},
    {"NumericLessThan", Compare::NumericLess, false},
    {"NumericLessThanEquals", Compare::NumericLessOrEqual, false},
    {"NumericGreaterThan", Compare::NumericGreater, false},
    {"NumericGreaterThanEquals", Compare::NumericGreaterOrEqual, false},
    {"DateEquals", Compare::DateEquals, false},
    {"DateNotEquals", Compare::DateEquals, true},
    {"DateLessThan", Compare::DateLess, false},
    {"DateLessThanEquals", Compare::DateLessOrEqual, false},
    {"DateGreaterThan", Compare::DateGreater, false},
    {"DateGreaterThanEquals", Compare::DateGreaterOrEqual, false},
    {"Bool", Compare::Bool, false},
    {"BinaryEquals", Compare::BinaryEquals, false},
    {"IpAddress", Compare::IpAddress, false},
    {"NotIpAddress", Compare::IpAddress, true},
    {"ArnEquals", Compare::ArnLike, false},
    {"ArnLike", Compare::ArnLike, false},
    {"ArnNotEquals", Compare::ArnLike, true},
    {"ArnNotLike", Compare::ArnLike, true},
    {"Null", Compare::Null, false},
});

bool same(std::string_view a, std::string_view b, bool exact_case) {
  return a.size() == b.size() && (exact_case ? a == b : equals_ignore_case(a, b));
}

bool strip_prefix(std::string_view& name, std::string_view prefix, bool exact_case) {
  if (name.size() < prefix.size() || !same(name.substr(0, prefix.size()), prefix, exact_case)) {
    return false;
  }
  name.remove_prefix(prefix.size());
  return true;
}

bool strip_suffix(std::string_view& name, std::string_view suffix, bool exact_case) {
  if (name.size() < suffix.size() ||
      !same(name.substr(name.size() - suffix.size()), suffix, exact_case)) {
    return false;
  }
  name.remove_suffix(suffix.size());
  return true;
}

}  // namespace

std::optional<Operator> parse_operator(std::string_view name, bool exact_case) {
  Operator result;
  if (strip_prefix(name, "ForAllValues:", exact_case)) {
    result.quantifier = Quantifier::ForAllValues;
  } else if (strip_prefix(name, "ForAnyValue:", exact_case)) {
    result.quantifier = Quantifier::ForAnyValue;
  }
  result.if_exists = strip_suffix(name, "IfExists", exact_case);
  for (const Row& row : kRows) {
    if (same(name, row.name, exact_case)) {
      if (row.compare == Compare::Null && result.if_exists) {
        return std::nullopt;
      }
      result.compare = row.compare;
      result.is_negated = row.is_negated;
      return result;
    }
  }
  return std::nullopt;
}

std::string operator_name(const Operator& op) {
  constexpr std::string_view kQuantifiers[] = {"", "ForAllValues:", "ForAnyValue:"};
  const auto row = std::find_if(kRows.rbegin(), kRows.rend(), [&op](const Row& one) {
    return one.compare == op.compare && one.is_negated == op.is_negated;
  });
  SIGNET_ASSERT(row != kRows.rend());
  return concat(kQuantifiers[static_cast<std::size_t>(op.quantifier)],
                row->name,
                op.if_exists ? "IfExists" : "");
}

bool is_string_compare(Compare compare) {
  return compare <= Compare::StringLike;
}

bool is_date_compare(Compare compare) {
  return compare >= Compare::DateEquals && compare <= Compare::DateGreaterOrEqual;
}

bool is_numeric_compare(Compare compare) {
  return compare >= Compare::NumericEquals && compare <= Compare::NumericGreaterOrEqual;
}

}  // namespace signet::policy
