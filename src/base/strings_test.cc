#include "base/strings.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/clock.h"

namespace signet {
namespace {

TEST(ToLower, FoldsAsciiLettersAndNothingElse) {
  EXPECT_EQ(to_lower(std::string_view("AZaz09-_@[`{\x7F")), "azaz09-_@[`{\x7F");
  EXPECT_EQ(to_lower(std::string_view("\xC3\x89")), "\xC3\x89") << "letters beyond ASCII are left";
  EXPECT_EQ(to_lower(std::string_view("A\0B", 3)), std::string("a\0b", 3));
}

TEST(CompareIgnoreCase, OrdersByByteAndThenByLength) {
  EXPECT_EQ(compare_ignore_case("Key", "kEY"), 0);
  EXPECT_LT(compare_ignore_case("ab", "ABC"), 0);
  EXPECT_GT(compare_ignore_case("ABC", "ab"), 0);
  EXPECT_LT(compare_ignore_case("", "a"), 0);
  EXPECT_LT(compare_ignore_case("_", "a"), 0) << "letters fold to lower case before they compare";
  EXPECT_GT(compare_ignore_case("\xFF", "z"), 0) << "bytes are not signed";
}

TEST(EqualsIgnoreCase, ComparesLengthsToo) {
  EXPECT_FALSE(equals_ignore_case("admin", "admi"));
  EXPECT_FALSE(equals_ignore_case("a", std::string_view("a\0", 2)));
  EXPECT_FALSE(equals_ignore_case("@", "`")) << "they differ by the bit that tells letters' case";
  EXPECT_TRUE(equals_ignore_case("", ""));
}

TEST(Concat, JoinsWhatIsNoTextEnd) {
  EXPECT_EQ(concat("a", std::string("b"), std::string_view("c\0d", 3)), std::string("abc\0d", 5));
  EXPECT_EQ(concat(""), "");
}

TEST(ParseDecimal, TakesTheWholeRangeAndNoMore) {
  EXPECT_EQ(parse_decimal("0"), 0);
  EXPECT_EQ(parse_decimal("000000000000000000000000007"), 7) << "zeros in front do not overflow";
  EXPECT_EQ(parse_decimal("999999999999999999"), 999'999'999'999'999'999);
  EXPECT_EQ(parse_decimal("1000000000000000000"), 1'000'000'000'000'000'000);
  EXPECT_EQ(parse_decimal("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(parse_decimal("9223372036854775808").has_value());
  EXPECT_FALSE(parse_decimal("99999999999999999999").has_value());
  EXPECT_FALSE(parse_decimal("12345678901234567x").has_value());
  EXPECT_FALSE(parse_decimal("1234567890123456789x").has_value());
  EXPECT_FALSE(parse_decimal(std::string_view("1\0", 2)).has_value());
}

TEST(Utf8Length, CountsCodePointsAtEveryOffset) {
  const std::string key = "\xF0\x9F\x94\x91";  // one code point of four bytes
  std::string text;
  for (std::size_t before = 0; before < 20; ++before) {
    EXPECT_EQ(utf8_length(text + key + "z"), before + 2) << before;
    text += 'a';
  }
  EXPECT_EQ(utf8_length(""), 0U);
}

TEST(Utf8, KnowsTheEdgesOfTheRange) {
  for (const std::string_view good : {"\xC2\x80",
                                      "\xDF\xBF",
                                      "\xE0\xA0\x80",
                                      "\xED\x9F\xBF",
                                      "\xEE\x80\x80",
                                      "\xEF\xBF\xBF",
                                      "\xF0\x90\x80\x80",
                                      "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(good));
  }
  for (const std::string_view bad : {"\xC1\xBF",
                                     "\xE0\x9F\xBF",
                                     "\xED\xBF\xBF",
                                     "\xF0\x8F\xBF\xBF",
                                     "\xF4\x90\x80\x80",
                                     "\xF5\x80\x80\x80",
                                     "\xE2\x82",
                                     "a\xE2\x82z"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(ManualClock, StandsStillUntilTold) {
  ManualClock clock(Instant::from_seconds(100));
  EXPECT_EQ(clock.now().seconds(), 100);
  clock.advance_seconds(-1);
  EXPECT_EQ(clock.now().seconds(), 99);
  clock.set(Instant::from_seconds(5));
  EXPECT_EQ(clock.now().seconds(), 5);
}

TEST(SystemClock, ShiftsAddUpUntilItIsReset) {
  SystemClock clock;
  clock.set(Instant::from_seconds(1'000'000));
  clock.shift_ms(500'000);
  clock.shift_ms(500'000);
  EXPECT_NEAR(static_cast<double>(clock.now().seconds()), 1'001'000, 5);
  const std::int64_t before = monotonic_ms();
  clock.reset();
  EXPECT_GE(monotonic_ms(), before) << "timeouts do not follow the wall clock";
}

TEST(ShellQuoted, IsOneWordWhateverStandsInIt) {
  EXPECT_EQ(shell_quoted("http://127.0.0.1:1"), "'http://127.0.0.1:1'");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("a'; rm -r $HOME `x` \"y\" \\"), "'a'\\''; rm -r $HOME `x` \"y\" \\'");
}

}  // namespace
}  // namespace signet
