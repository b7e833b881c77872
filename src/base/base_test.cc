#include <cerrno>
#include <type_traits>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/errno_text.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/strings.h"

namespace signet {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) {
    return fail(ErrorCode{1}, "odd");
  }
  return n / 2;
}

Result<int> quarter(int n) {
  const int h = TRY(half(n));
  return TRY(half(h));
}

TEST(Try, YieldsTheValue) {
  EXPECT_EQ(quarter(12).value(), 3);
}

TEST(Try, PassesTheFirstErrorOn) {
  const auto result = quarter(6);

  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "odd");
}

TEST(Secret, CannotBeCopied) {
  EXPECT_FALSE(std::is_copy_constructible_v<Secret>);
}

TEST(Secret, ComparesWholeValuesOnly) {
  const Secret secret(std::string("hunter2"));

  EXPECT_TRUE(secret.equals("hunter2"));
  EXPECT_FALSE(secret.equals("hunter"));
  EXPECT_FALSE(secret.equals("hunter22"));
  EXPECT_FALSE(secret.equals(""));
}

TEST(Secret, IsEmptyAfterAMove) {
  Secret a(std::string("a rather long secret that does not fit the small buffer"));
  const Secret b = std::move(a);

  EXPECT_TRUE(
      a.empty());  // NOLINT(bugprone-use-after-move): the moved-from state is what is tested
  EXPECT_EQ(b.size(), 55U);
}

TEST(Instant, RoundsTowardsMinusInfinity) {
  EXPECT_EQ(Instant{1999}.seconds(), 1);
  EXPECT_EQ(Instant{-1}.seconds(), -1);
  EXPECT_EQ(Instant{-1000}.seconds(), -1);
}

TEST(SystemClock, FollowsItsOffset) {
  SystemClock clock;
  clock.set(Instant::from_seconds(1'000'000));
  EXPECT_NEAR(static_cast<double>(clock.now().seconds()), 1'000'000, 2);
  clock.reset();
  EXPECT_GT(clock.now().seconds(), 1'700'000'000);
}

TEST(ParseDecimal, RefusesWhatIsNotANumber) {
  EXPECT_EQ(parse_decimal("900"), 900);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "0x10", "9223372036854775808", "1e3"}) {
    EXPECT_FALSE(parse_decimal(bad).has_value()) << bad;
  }
}

TEST(Utf8, RefusesMalformedText) {
  EXPECT_TRUE(is_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x91"));
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
  EXPECT_EQ(utf8_length("a\xC3\xA9\xE2\x82\xAC"), 3U);
}

TEST(ErrnoText, NamesKnownAndUnknownNumbers) {
  EXPECT_EQ(errno_text(ENOENT), "No such file or directory");
  EXPECT_NE(errno_text(987654), errno_text(987653));
}

TEST(CompareIgnoreCase, FoldsAsciiOnly) {
  EXPECT_TRUE(equals_ignore_case("AdMin", "admin"));
  EXPECT_FALSE(equals_ignore_case("\xC3\x89", "\xC3\xA9"));
  EXPECT_LT(compare_ignore_case("a", "B"), 0);
}

}  // namespace
}  // namespace signet
