#include "codec/json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "codec/json_writer.h"
#include "codec/utf8.h"

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

TEST(Json, WholeNumbersAreThoseOf64Bits) {
  const auto number = [](std::string_view text) {
    return Json::parse(text)->as_int();
  };
  EXPECT_EQ(number("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(number("9223372036854775807"), INT64_MAX);
  EXPECT_FALSE(number("9223372036854775808").has_value());
  EXPECT_FALSE(number("1.0").has_value());
  EXPECT_FALSE(number("\"1\"").has_value()) << "a text is no number";
  EXPECT_FALSE(Json::parse("true")->as_double().has_value());
  EXPECT_EQ(Json::parse("1e3")->as_double(), 1000.0);
}

TEST(Json, OnlyObjectsHaveMembersAndOnlyTextsAreTexts) {
  const auto json = Json::parse(R"({"a":"x","b":1,"c":{"a":"y"}})");
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->string_at("a"), "x");
  EXPECT_EQ(json->string_at("b"), "");
  EXPECT_EQ(json->string_at("missing"), "");
  EXPECT_EQ(json->find("c")->string_at("a"), "y");
  EXPECT_EQ(json->find("a")->find("a"), nullptr);
  EXPECT_FALSE(json->find("b")->as_bool());
}

TEST(Json, NamesADuplicateMemberHoweverDeep) {
  std::string error;
  EXPECT_FALSE(Json::parse(R"([{"a":{"\u0062":1,"b":2}}])", &error).has_value());
  EXPECT_EQ(error, "duplicate member \"b\"");
}

TEST(Json, PrintsWhatItRead) {
  for (const std::string_view text : {R"({"b":[1,-2.5,true,false,null,"x\"\\\n"],"a":{}})",
                                      "[]",
                                      "\"\"",
                                      "-0.5",
                                      R"({"":[[],{}]})"}) {
    std::string out = "> ";
    append_json(out, *Json::parse(text));
    EXPECT_EQ(out, "> " + std::string(text));
  }
}

TEST(JsonString, EscapesWhatJsonMustAndReplacesWhatIsNoUtf8) {
  const auto quoted = [](std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  };
  EXPECT_EQ(quoted("a/\xC3\xA9"), "\"a/\xC3\xA9\"");
  EXPECT_EQ(quoted(std::string_view("\b\f\n\r\t\0\x1F\x7F\"\\", 10)),
            "\"\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\\\"\\\\\"");
  EXPECT_EQ(quoted("a\xFFz\xC3"), "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\"");
  EXPECT_EQ(Json::parse(quoted(std::string(100, '\n') + "end"))->text(),
            std::string(100, '\n') + "end");
}

TEST(Hex, BothCasesAreReadAndLowerIsWritten) {
  EXPECT_EQ(decode_hex("00fFA0"), std::string("\0\xFF\xA0", 3));
  EXPECT_EQ(decode_hex(""), "");
  for (const std::string_view bad : {"0", "0g", "g0", " 0", "0x00", "\xC3\xA9"}) {
    EXPECT_FALSE(decode_hex(bad).has_value()) << bad;
  }
  std::string out = "x";
  append_hex(out, std::vector<std::uint8_t>{0x00, 0xAB, 0xFF});
  EXPECT_EQ(out, "x00abff");
}

TEST(CutUtf8, NeverLeavesHalfACharacter) {
  const std::string_view text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x91";
  const std::vector<std::size_t> sizes = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t limit = 0; limit < sizes.size(); ++limit) {
    EXPECT_EQ(cut_utf8(text, limit).size(), sizes[limit]) << limit;
  }
}

}  // namespace
}  // namespace signet::codec
