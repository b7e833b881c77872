#include "codec/json.h"

#include <gtest/gtest.h>

namespace signet::codec {
namespace {

TEST(Json, ReadsEveryType) {
  const auto json = Json::parse(R"({"a":[1,-2.5,true,null,"x\u00e9"],"b":{}})");

  ASSERT_TRUE(json.has_value());
  const auto& items = json->find("a")->items();
  ASSERT_EQ(items.size(), 5U);
  EXPECT_EQ(items[0].as_int(), 1);
  EXPECT_FALSE(items[1].as_int().has_value());
  EXPECT_EQ(items[1].as_double(), -2.5);
  EXPECT_TRUE(items[2].as_bool());
  EXPECT_TRUE(items[3].is_null());
  EXPECT_EQ(items[4].text(), "x\xC3\xA9");
  EXPECT_TRUE(json->find("b")->is_object());
  EXPECT_EQ(json->find("c"), nullptr);
}

TEST(Json, RefusesWhatIsNotStrictJson) {
  for (const char* bad :
       {"", "{", "{}x", "{'a':1}", "[1,]", "{\"a\":1,\"a\":2}", "nul", "[\"\xFF\"]", "NaN", "01"}) {
    std::string error;
    EXPECT_FALSE(Json::parse(bad, &error).has_value()) << bad;
    EXPECT_FALSE(error.empty()) << bad;
  }
}

TEST(Json, RefusesDeepNesting) {
  EXPECT_FALSE(Json::parse(std::string(100, '[') + std::string(100, ']')).has_value());
  EXPECT_TRUE(Json::parse(std::string(30, '[') + std::string(30, ']')).has_value());
}

}  // namespace
}  // namespace signet::codec
