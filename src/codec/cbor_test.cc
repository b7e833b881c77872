#include "codec/cbor.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::codec {
namespace {

using std::string_view_literals::operator""sv;

TEST(ParseCbor, ReadsNumbersOfEverySize) {
  EXPECT_EQ(parse_cbor("\x17"sv)->as_int(), 23);
  EXPECT_EQ(parse_cbor("\x18\x18"sv)->as_int(), 24);
  EXPECT_EQ(parse_cbor("\x19\x03\xe8"sv)->as_int(), 1000);
  EXPECT_EQ(parse_cbor("\x1a\x00\x0f\x42\x40"sv)->as_int(), 1000000);
  EXPECT_EQ(parse_cbor("\x20"sv)->as_int(), -1);
  EXPECT_EQ(parse_cbor("\x39\x01\x00"sv)->as_int(), -257);
  EXPECT_FALSE(parse_cbor("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"sv)->as_int().has_value());
}

TEST(ParseCbor, ReadsMapsByTextAndByNumber) {
  const std::string bytes(
      "\xa2\x01\x02\x63"
      "fmt\x64none",
      12);
  const auto map = parse_cbor(bytes);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->find(1)->as_int(), 2);
  EXPECT_EQ(map->find("fmt")->text, "none");
  EXPECT_EQ(map->find("none"), nullptr);
  EXPECT_EQ(map->find(2), nullptr);
}

TEST(ParseCbor, SaysHowMuchItTook) {
  std::size_t used = 0;
  ASSERT_TRUE(parse_cbor("\x42\x01\x02\xff"sv, &used));
  EXPECT_EQ(used, 3);
  EXPECT_FALSE(parse_cbor("\x42\x01\x02\xff"sv)) << "something is behind it";
}

TEST(ParseCbor, RefusesWhatAuthenticatorsDoNotSend) {
  EXPECT_FALSE(parse_cbor(""sv));
  EXPECT_FALSE(parse_cbor("\x5f\x41\x01\xff"sv)) << "indefinite length";
  EXPECT_FALSE(parse_cbor("\xc0\x61\x30"sv)) << "a tag";
  EXPECT_FALSE(parse_cbor("\xfb\x00\x00\x00\x00\x00\x00\x00\x00"sv)) << "a float";
  EXPECT_FALSE(parse_cbor("\x1c"sv)) << "a reserved number";
  EXPECT_FALSE(parse_cbor("\x43\x01\x02"sv)) << "too short";
  EXPECT_FALSE(parse_cbor("\xa2\x01\x02\x01\x03"sv)) << "a key twice";
  EXPECT_FALSE(parse_cbor("\x9b\xff\xff\xff\xff\xff\xff\xff\xff"sv)) << "a huge list";
  EXPECT_FALSE(parse_cbor(std::string(40, '\x81') + '\x01')) << "too deep";
}

}  // namespace
}  // namespace signet::codec
