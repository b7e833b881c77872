#include "s3/post_policy.h"

#include <gtest/gtest.h>

#include "facts/outcome_for_test.h"

namespace signet::s3 {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const Fields kFields = {{"key", "user/a.png"}, {"content-type", "image/png"}, {"bucket", "b"}};
constexpr const char* kWhole = R"({"bucket":"b"},["starts-with","$key","user/"],)"
                               R"(["starts-with","$Content-Type","image/"])";

std::string policy(const std::string& conditions,
                   const std::string& expiration = "2030-01-01T00:00:00Z") {
  return R"({"expiration":")" + expiration + R"(","conditions":[)" + conditions + "]}";
}

std::string check(const std::string& text, const Fields& fields = kFields) {
  const auto parsed = PostPolicy::parse(text);
  if (!parsed) {
    return outcome(parsed);
  }
  const Status status = parsed->check(fields, Instant::from_seconds(1'800'000'000));
  return status ? "ok" : status.error().message;
}

std::string without(std::string text, const std::string& part) {
  return text.replace(text.find(part), part.size(), "");
}

TEST(PostPolicy, HoldsAFormToItsConditions) {
  EXPECT_EQ(check(policy(kWhole)), "ok");
  EXPECT_EQ(
      check(policy(kWhole), {{"key", "other/a"}, {"content-type", "image/png"}, {"bucket", "b"}}),
      R"(Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "user/"])");
  EXPECT_EQ(
      check(policy(kWhole),
            {{"key", "user/a"}, {"content-type", "image/png,text/html"}, {"bucket", "b"}}),
      R"(Invalid according to Policy: Policy Condition failed: ["starts-with", "$Content-Type", "image/"])");
  EXPECT_EQ(
      check(policy(kWhole), {{"key", "user/a"}, {"content-type", "image/png"}, {"bucket", "c"}}),
      R"(Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "b"])");
  EXPECT_EQ(
      check(policy(kWhole), {{"key", "user/a"}, {"bucket", "b"}}),
      R"(Invalid according to Policy: Policy Condition failed: ["starts-with", "$Content-Type", "image/"])");
}

TEST(PostPolicy, EveryFieldNeedsACondition) {
  EXPECT_EQ(check(policy(without(kWhole, R"({"bucket":"b"},)"))),
            "Invalid according to Policy: Extra input fields: bucket");
  Fields more = kFields;
  more.emplace_back("x-amz-meta-a", "1");
  EXPECT_EQ(check(policy(kWhole), more),
            "Invalid according to Policy: Extra input fields: x-amz-meta-a");
  more.back().first = "x-ignore-a";
  more.emplace_back("x-amz-signature", "s");
  more.emplace_back("policy", "p");
  EXPECT_EQ(check(policy(kWhole), more), "ok");
}

TEST(PostPolicy, Ends) {
  EXPECT_EQ(check(policy(kWhole, "2020-01-01T00:00:00Z")),
            "Invalid according to Policy: Policy expired.");
  EXPECT_EQ(check(policy(kWhole, "2027-01-15T08:00:00Z")),  // this very second
            "Invalid according to Policy: Policy expired.");
}

TEST(PostPolicy, RefusesWhatIsNone) {
  for (const std::string& text :
       {std::string("no JSON"),
        std::string("[]"),
        std::string(R"({"conditions":[]})"),
        std::string(R"({"expiration":"2030-01-01T00:00:00Z"})"),
        std::string(R"({"expiration":"soon","conditions":[]})"),
        std::string(R"({"expiration":1,"conditions":[]})"),
        policy(R"("a")"),
        policy(R"({"a":1})"),
        policy(R"({"a":"1","b":"2"})"),
        policy(R"(["eq","$key"])"),
        policy(R"(["ends-with","$key","a"])"),
        policy(R"(["content-length-range",2,1])"),
        policy(R"(["content-length-range",0,1],["content-length-range",0,9])")}) {
    const auto parsed = PostPolicy::parse(text);
    EXPECT_TRUE(!parsed && parsed.error().code == ErrorCode::InvalidPolicyDocument) << text;
  }
}

TEST(PostPolicy, ConditionsOnNoFieldAndOfNoSizesNeverHold) {
  EXPECT_EQ(check(policy(std::string(kWhole) + R"(,["eq","key","a"])")),
            R"(Invalid according to Policy: Policy Condition failed: ["eq", "key", "a"])");
  EXPECT_EQ(
      check(policy(std::string(kWhole) + R"(,["content-length-range","test",10])")),
      R"(Invalid according to Policy: Policy Condition failed: ["content-length-range", "test", "10"])");
}

TEST(PostPolicy, BoundsTheSize) {
  const auto parsed = PostPolicy::parse(policy(R"(["content-length-range",2,"4"])"));

  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->check_size(1).error().code, ErrorCode::EntityTooSmall);
  EXPECT_TRUE(parsed->check_size(2).has_value());
  EXPECT_TRUE(parsed->check_size(4).has_value());
  EXPECT_EQ(parsed->check_size(5).error().code, ErrorCode::EntityTooLarge);
  EXPECT_EQ(parsed->max_size(), 4U);
}

}  // namespace
}  // namespace signet::s3
