#include "policy_language/policy_json.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::policy {
namespace {

TEST(PolicyJson, RefusesEveryTruncation) {
  const std::string whole = R"([[[[[[[[[[[[[[{"a":[0,1,"\u00e9"],"b":{}},[]]]]]]]]]]]]]]])";

  ASSERT_TRUE(PolicyJson::parse(whole));

  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(PolicyJson::parse(whole.substr(0, size))) << size;
  }
}

TEST(PolicyJson, HasRoomForTheDensestTexts) {
  for (std::size_t depth = 1; depth <= PolicyJson::kMaxDepth; ++depth) {
    const std::string open(depth, '[');

    EXPECT_FALSE(PolicyJson::parse(open));
    EXPECT_FALSE(PolicyJson::parse(open + "0"));
    EXPECT_TRUE(PolicyJson::parse(open + std::string(depth, ']')));
  }
  std::string list = "[0";
  for (int i = 0; i < 1000; ++i) {
    list += i % 2 == 0 ? ",1" : ",[]";
  }

  const auto json = PolicyJson::parse(list + "]");

  ASSERT_TRUE(json);
  EXPECT_EQ(json->size(), 1002U);
}

TEST(PolicyJson, TellsContentsSpansAndCounts) {
  const std::string text = "{\"a\\n\": [\"x\", \"\", \"\\u00e9\\\"\", -1.5e3, true, null]}";

  const auto json = PolicyJson::parse(text);

  ASSERT_TRUE(json);
  const NodeId list = json->member(json->root(), "a\n");
  ASSERT_NE(list, kNoNode);
  EXPECT_EQ((*json)[list].count, 6U);
  EXPECT_EQ(json->raw(list), "[\"x\", \"\", \"\\u00e9\\\"\", -1.5e3, true, null]");
  EXPECT_EQ((*json)[list + 1].content, "x");
  EXPECT_EQ((*json)[list + 2].content, "");
  EXPECT_EQ((*json)[list + 3].content, "\xC3\xA9\"");
  EXPECT_EQ(json->raw(list + 3), "\"\\u00e9\\\"\"");
  EXPECT_EQ((*json)[list + 4].content, "-1.5e3");
  EXPECT_EQ((*json)[list + 5].content, "true");
  EXPECT_EQ((*json)[list + 6].kind, JsonKind::Null);
  EXPECT_EQ((*json)[list].next, json->size());
}

TEST(PolicyJson, KeepsItsContentsWhenMoved) {
  auto json = PolicyJson::parse(R"(["short","\u0061"])");
  ASSERT_TRUE(json);
  const std::string_view plain = (*json)[1].content;
  const std::string_view escaped = (*json)[2].content;

  const PolicyJson moved = *std::move(json);

  EXPECT_EQ(plain, "short");
  EXPECT_EQ(escaped, "a");
  EXPECT_EQ(moved[1].content.data(), plain.data());
}

TEST(PolicyJson, RefusesRepeatedNamesAmongFewAndMany) {
  std::string members;
  for (int i = 0; i < 40; ++i) {
    members += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":" + std::to_string(i);
    const auto with_escape = PolicyJson::parse("{" + members + ",\"\\u006d0\":1}");

    EXPECT_TRUE(PolicyJson::parse("{" + members + "}")) << i;
    ASSERT_FALSE(with_escape) << i;
    EXPECT_EQ(with_escape.error().message, "repeated member name");
    EXPECT_EQ(with_escape.error().offset, members.size() + 2);
  }
}

}  // namespace
}  // namespace signet::policy
