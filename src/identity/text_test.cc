#include "identity/text.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace signet::identity {
namespace {

TEST(Text, HoldsTextsOfEveryLength) {
  for (std::size_t size = 0; size < 100; ++size) {
    const std::string given(size, static_cast<char>('a' + size % 26));
    const Text text = given;
    EXPECT_EQ(std::string(text), given);
    EXPECT_EQ(text.size(), size);
    EXPECT_EQ(text.empty(), size == 0);
  }
  static_assert(sizeof(Text) == 24);
}

TEST(Text, HoldsAnyBytes) {
  const std::string inside("\0\x7F\xFF", 3);
  const std::string outside = std::string(30, '\x7F') + std::string(1, '\0');
  EXPECT_EQ(std::string(Text(inside)), inside);
  EXPECT_EQ(std::string(Text(outside)), outside);
  EXPECT_EQ(std::string(Text(std::string(23, '\x7F'))), std::string(23, '\x7F'));
}

TEST(Text, CopiesAreApart) {
  const std::string long_one(40, 'x');
  Text a = long_one;
  Text b = a;
  a = "short";
  EXPECT_EQ(b, long_one);
  EXPECT_EQ(a, "short");
  a = b;
  b = Text();
  EXPECT_EQ(a, long_one);
  const Text& same = a;
  a = same;
  EXPECT_EQ(a, long_one);
}

TEST(Text, MovesTakeTheText) {
  const std::string long_one(40, 'x');
  Text a = long_one;
  Text b = std::move(a);
  EXPECT_EQ(b, long_one);
  std::vector<Text> many(3, b);
  many.insert(many.begin(), Text("first"));
  EXPECT_EQ(many[0], "first");
  EXPECT_EQ(many[3], long_one);
}

TEST(Text, ComparesWithTexts) {
  EXPECT_TRUE(Text("a") == Text("a"));
  EXPECT_FALSE(Text("a") == Text("b"));
  EXPECT_TRUE(Text("a") == std::string("a"));
  EXPECT_TRUE(std::string("a") == Text("a"));
  EXPECT_FALSE(Text("a") == "A");
}

}  // namespace
}  // namespace signet::identity
