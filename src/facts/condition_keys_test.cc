#include "facts/condition_keys.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

TEST(ConditionKeys, FindsEveryRowInAnyCase) {
  for (const ConditionKeyRow& row : condition_keys()) {
    const std::string rest = row.shape == KeyShape::Family ? "Team" : "";
    const std::string name = std::string(row.name) + rest;

    EXPECT_EQ(find_condition_key(name), &row) << name;
    EXPECT_EQ(find_condition_key(upper(row.name) + rest), &row) << name;
  }
}

TEST(ConditionKeys, FindsNothingElse) {
  for (const ConditionKeyRow& row : condition_keys()) {
    std::string longer = std::string(row.name) + "x";
    std::string shorter(row.name.substr(0, row.name.size() - 1));
    // Differs in the bit that tells letter cases apart, which the table ignores: ':' is no letter.
    std::string twisted(row.name);
    std::replace(twisted.begin(), twisted.end(), ':', '\x1A');

    EXPECT_EQ(row.shape == KeyShape::Family ? nullptr : find_condition_key(longer), nullptr);
    EXPECT_NE(find_condition_key(shorter), &row) << shorter;
    EXPECT_EQ(find_condition_key(twisted), nullptr) << row.name;
  }
  EXPECT_EQ(find_condition_key(""), nullptr);
  EXPECT_EQ(find_condition_key("/"), nullptr);
  EXPECT_EQ(find_condition_key("aws:PrincipalTag/"), nullptr);
  EXPECT_EQ(find_condition_key("custom:key"), nullptr);
}

}  // namespace
}  // namespace signet::facts
