#include "policy_language/operators.h"

#include <gtest/gtest.h>

namespace signet::policy {
namespace {

TEST(OperatorName, IsReadAsTheOperatorThatItNames) {
  for (const char* name : {"StringEquals",
                           "StringNotEqualsIgnoreCase",
                           "ForAnyValue:StringLike",
                           "ForAllValues:StringNotLikeIfExists",
                           "NumericLessThanEquals",
                           "DateGreaterThanIfExists",
                           "Bool",
                           "BinaryEquals",
                           "NotIpAddress",
                           "ArnLike",
                           "ArnNotLike",
                           "Null"}) {
    const auto op = parse_operator(name, true);
    ASSERT_TRUE(op.has_value()) << name;
    EXPECT_EQ(operator_name(*op), name);
  }
  EXPECT_EQ(operator_name(*parse_operator("arnequals")), "ArnLike") << "which compares the same";
}

}  // namespace
}  // namespace signet::policy
