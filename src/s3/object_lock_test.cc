// What Object Lock protects, from whom, and for how long.
#include "s3/object_lock.h"

#include <gtest/gtest.h>

#include "codec/time.h"

namespace signet::s3 {
namespace {

constexpr Instant kNow{1'000'000};
constexpr Instant kLater{2'000'000};
constexpr Instant kLatest{3'000'000};

ObjectLock locked(LockMode mode, Instant until) {
  return {.retention = Retention{.mode = mode, .until = until}, .legal_hold = std::nullopt};
}

bool may_become(const ObjectLock& lock, std::optional<Retention> wanted, Bypass bypass) {
  return check_new_retention(lock, wanted, kNow, bypass).has_value();
}

TEST(ObjectLock, ProtectsUntilItsDayAndWhileItIsHeld) {
  for (const LockMode mode : {LockMode::Governance, LockMode::Compliance}) {
    EXPECT_TRUE(is_protected(locked(mode, kLater), kNow, Bypass::No));
    EXPECT_FALSE(is_protected(locked(mode, kLater), kLater, Bypass::No));
  }
  EXPECT_FALSE(is_protected(locked(LockMode::Governance, kLater), kNow, Bypass::Governance));
  EXPECT_TRUE(is_protected(locked(LockMode::Compliance, kLater), kNow, Bypass::Governance));
  EXPECT_FALSE(is_protected({}, kNow, Bypass::No));
  ObjectLock held = locked(LockMode::Governance, kLater);
  held.legal_hold = true;
  EXPECT_TRUE(is_protected(held, kLatest, Bypass::Governance));
  held.legal_hold = false;
  EXPECT_FALSE(is_protected(held, kLatest, Bypass::No));
}

TEST(ObjectLock, RetentionIsExtendedByAllAndShortenedByWhoBypassesGovernance) {
  const ObjectLock governed = locked(LockMode::Governance, kLater);
  const ObjectLock complied = locked(LockMode::Compliance, kLater);
  const Retention longer{.mode = LockMode::Governance, .until = kLatest};
  const Retention shorter{.mode = LockMode::Governance, .until = kNow};
  const Retention stricter{.mode = LockMode::Compliance, .until = kLatest};

  EXPECT_TRUE(may_become(governed, longer, Bypass::No));
  EXPECT_TRUE(may_become(governed, governed.retention, Bypass::No));
  for (const auto& wanted :
       {std::optional(shorter), std::optional(stricter), std::optional<Retention>()}) {
    EXPECT_FALSE(may_become(governed, wanted, Bypass::No));
    EXPECT_TRUE(may_become(governed, wanted, Bypass::Governance));
  }
  EXPECT_TRUE(may_become(complied, stricter, Bypass::No));
  for (const auto& wanted : {std::optional(longer),
                             std::optional(Retention{LockMode::Compliance, kNow}),
                             std::optional<Retention>()}) {
    EXPECT_FALSE(may_become(complied, wanted, Bypass::Governance));
  }
  EXPECT_TRUE(check_new_retention(complied, std::nullopt, kLater, Bypass::No).has_value());
}

TEST(ObjectLock, IsStoredAsItIsShownAndProtectsForEverIfItCannotBeRead) {
  objects::StoredHeaders stored = {{"content-type", "text/plain"}};
  ObjectLock lock = locked(LockMode::Compliance, kLater);
  lock.legal_hold = false;
  set_lock(stored, lock);
  EXPECT_EQ(lock_of(stored), lock);
  set_lock(stored, {});
  EXPECT_EQ(stored.size(), 1U);

  for (const objects::StoredHeaders& damaged :
       {objects::StoredHeaders{{"x-amz-object-lock-mode", "GOVERNANCE"}},
        objects::StoredHeaders{{"x-amz-object-lock-retain-until-date", "2020-01-01T00:00:00Z"}},
        objects::StoredHeaders{{"x-amz-object-lock-mode", "GOVERNANCE"},
                               {"x-amz-object-lock-retain-until-date", "soon"}},
        objects::StoredHeaders{{"x-amz-object-lock-legal-hold", ""}}}) {
    EXPECT_TRUE(is_protected(lock_of(damaged), kLatest, Bypass::Governance));
  }
}

TEST(ObjectLock, ABucketGivesItsPeriodToWhatHasNone) {
  identity::Bucket bucket;
  const auto until = [&](const char* period, const char* now) {
    bucket.settings = {{.key = "document.ObjectLock",
                        .value = std::string("<ObjectLockConfiguration><ObjectLockEnabled>Enabled"
                                             "</ObjectLockEnabled><Rule><DefaultRetention>") +
                                 "<Mode>GOVERNANCE</Mode>" + period +
                                 "</DefaultRetention></Rule></ObjectLockConfiguration>"}};
    ObjectLock lock;
    add_default_retention(lock, bucket, codec::parse_iso8601(now).value());
    return codec::format_iso8601(lock.retention.value().until);
  };

  EXPECT_EQ(until("<Days>2</Days>", "2026-02-27T10:00:00Z"), "2026-03-01T10:00:00Z");
  EXPECT_EQ(until("<Years>3</Years>", "2026-02-27T10:00:00Z"), "2029-02-27T10:00:00Z");
  EXPECT_EQ(until("<Years>1</Years>", "2028-02-29T10:00:00Z"), "2029-02-28T10:00:00Z");
  ObjectLock own = locked(LockMode::Compliance, kLater);
  add_default_retention(own, bucket, kNow);
  EXPECT_EQ(own, locked(LockMode::Compliance, kLater));
}

TEST(ObjectLock, ContextKeysCountTheDaysThatAreLeft) {
  std::vector<authz::ContextEntry> keys;
  add_retention_keys("GOVERNANCE",
                     "2026-01-03T00:00:00.001Z",
                     codec::parse_iso8601("2026-01-01T00:00:00Z").value(),
                     keys);
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys.at(2).key, "s3:object-lock-remaining-retention-days");
  EXPECT_EQ(keys.at(2).values.at(0), "3");
  keys.clear();
  add_retention_keys("", "soon", kNow, keys);
  EXPECT_TRUE(keys.empty());
}

}  // namespace
}  // namespace signet::s3
