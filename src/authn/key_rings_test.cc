#include "authn/key_rings.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "identity/fixture_for_test.h"
#include "token/session_token.h"

namespace signet::authn {
namespace {

constexpr Instant kStart = Instant::from_seconds(1'790'000'000);

class KeyRingsTest : public testing::Test {
 protected:
  void refresh(KeyRings& rings, Instant now) {
    const Status status = rings.refresh(fixture_.directory(), random_, now);
    ASSERT_TRUE(status) << status.error().cause;
  }

  std::optional<std::string> seal(const KeyRings& rings, Instant now) {
    return token::seal_session(
        rings.current(), model::Session{.access_key_id = "ASIA"}, Secret("s"), now, random_);
  }

  static bool opens(const KeyRings& rings, const std::optional<std::string>& text, Instant now) {
    return text && token::open_session(rings.current(), *text, now).has_value();
  }

  std::size_t stored_keys() { return fixture_.directory().current()->sealing_keys().size(); }

  identity::CountingRandom random_;
  identity::Fixture fixture_;
};

TEST_F(KeyRingsTest, TheFirstRefreshMakesAKeyAndLaterOnesKeepIt) {
  KeyRings rings;
  refresh(rings, kStart);
  const token::KeyRing* first = &rings.current();
  refresh(rings, kStart.plus_seconds(3600));
  EXPECT_EQ(&rings.current(), first);
  EXPECT_EQ(stored_keys(), 1U);
}

TEST_F(KeyRingsTest, ARestartOpensWhatWasSealedBefore) {
  KeyRings before;
  refresh(before, kStart);
  const auto text = seal(before, kStart);
  KeyRings after;
  refresh(after, kStart.plus_seconds(10));
  EXPECT_TRUE(opens(after, text, kStart.plus_seconds(10)));
  EXPECT_EQ(stored_keys(), 1U);
}

TEST_F(KeyRingsTest, AKeyIsReplacedWhenItIsDueAndItsTokensGoOn) {
  KeyRings rings;
  refresh(rings, kStart);
  const auto first_id = rings.current().current_id(kStart);
  const Instant before_due = kStart.plus_seconds(kRotateSeconds - 1);
  refresh(rings, before_due);
  EXPECT_EQ(rings.current().current_id(before_due), first_id);
  const auto text = seal(rings, before_due);

  const Instant due = kStart.plus_seconds(kRotateSeconds);
  refresh(rings, due);

  EXPECT_NE(rings.current().current_id(due), first_id);
  const Instant last = before_due.plus_seconds(36 * 3600);  // of the longest session
  EXPECT_TRUE(opens(rings, text, last));
  EXPECT_EQ(stored_keys(), 2U);
}

TEST_F(KeyRingsTest, AClockSetBackAfterTheFirstStartStillFindsAKey) {
  KeyRings rings;
  refresh(rings, kStart);
  for (const std::int64_t back : {std::int64_t{5}, std::int64_t{3600}, kClockSlackSeconds}) {
    const Instant now = kStart.plus_seconds(-back);
    EXPECT_TRUE(opens(rings, seal(rings, now), now)) << back;
    refresh(rings, now);
    EXPECT_EQ(stored_keys(), 1U);
  }
  const Instant long_ago = kStart.plus_seconds(-kClockSlackSeconds - 1);
  EXPECT_FALSE(seal(rings, long_ago).has_value());
  refresh(rings, long_ago);
  EXPECT_TRUE(opens(rings, seal(rings, long_ago), long_ago));
}

TEST_F(KeyRingsTest, AKeyIsErasedOnceNoTokenOfItCanBeValid) {
  KeyRings rings;
  refresh(rings, kStart);
  const auto text = seal(rings, kStart);
  refresh(rings, kStart.plus_seconds(kRotateSeconds));
  const Instant late = kStart.plus_seconds(2 * kRotateSeconds);
  refresh(rings, late);
  EXPECT_FALSE(opens(rings, text, late));
  const auto snapshot = fixture_.directory().current();
  for (const identity::SealingKey* key : snapshot->sealing_keys()) {
    EXPECT_GT(key->not_after, late);
  }
  EXPECT_EQ(snapshot->sealing_keys().size(), 2U);
}

TEST_F(KeyRingsTest, IdsAreNeverUsedAgain) {
  KeyRings rings;
  std::vector<std::uint32_t> seen;
  for (int week = 0; week < 6; ++week) {
    const Instant now = kStart.plus_seconds(week * kRotateSeconds);
    refresh(rings, now);
    const std::uint32_t id = rings.current().current_id(now).value_or(0);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), id), 0);
    seen.push_back(id);
  }
}

TEST_F(KeyRingsTest, WithoutRotationOneKeyServesAtAnyTime) {
  KeyRings rings(false);
  refresh(rings, kStart);
  for (const Instant now : {Instant::from_seconds(0), kStart, kStart.plus_seconds(1'000'000'000)}) {
    refresh(rings, now);
    EXPECT_TRUE(opens(rings, seal(rings, now), now));
  }
  EXPECT_EQ(stored_keys(), 1U);
}

TEST_F(KeyRingsTest, AFailedWriteLeavesTheRingInForce) {
  KeyRings rings;
  refresh(rings, kStart);
  const token::KeyRing* first = &rings.current();
  fixture_.directory().stop();
  EXPECT_FALSE(rings.refresh(fixture_.directory(), random_, kStart.plus_seconds(kRotateSeconds)));
  EXPECT_EQ(&rings.current(), first);
}

}  // namespace
}  // namespace signet::authn
