#include "objects/usage.h"

#include <gtest/gtest.h>

#include "facts/errors.h"

namespace signet::objects {
namespace {

ErrorCode code_of(const Status& status) {
  EXPECT_FALSE(status.has_value());
  return status.error().code;
}

TEST(UsageBook, ABucketHoldsWhatItMayAndNoMore) {
  UsageBook book(Quota{.bucket = {.bytes = 100, .objects = 2}, .account = {}});

  EXPECT_TRUE(book.apply({.bucket = "a", .bytes = 60, .objects = 1}));
  EXPECT_EQ(code_of(book.apply({.bucket = "a", .bytes = 41, .objects = 1})),
            ErrorCode::QuotaExceeded);
  EXPECT_EQ(book.of_bucket("a"), (Usage{.bytes = 60, .objects = 1}));
  EXPECT_TRUE(book.apply({.bucket = "a", .bytes = 40, .objects = 1}));
  EXPECT_EQ(code_of(book.apply({.bucket = "a", .bytes = 0, .objects = 1})),
            ErrorCode::QuotaExceeded);
  EXPECT_TRUE(book.apply({.bucket = "b", .bytes = 100, .objects = 1})) << "another bucket";
}

TEST(UsageBook, AnAccountsBucketsCountTogether) {
  UsageBook book(Quota{.bucket = {}, .account = {.bytes = 100, .objects = 0}});
  book.own("a", "1");
  book.own("b", "1");
  book.own("c", "2");

  EXPECT_TRUE(book.apply({.bucket = "a", .bytes = 60, .objects = 1}));
  EXPECT_EQ(code_of(book.apply({.bucket = "b", .bytes = 41, .objects = 1})),
            ErrorCode::QuotaExceeded);
  EXPECT_TRUE(book.apply({.bucket = "c", .bytes = 100, .objects = 1}));
  EXPECT_EQ(book.of_account("1").bytes, 60U);
}

TEST(UsageBook, WhatMakesNothingLargerIsTakenEvenAboveTheQuota) {
  UsageBook book(Quota{.bucket = {.bytes = 100, .objects = 1}, .account = {}});
  ASSERT_TRUE(book.apply({.bucket = "a", .bytes = 100, .objects = 1}));

  EXPECT_TRUE(book.apply({.bucket = "a", .bytes = 0, .objects = 0}));
  EXPECT_TRUE(book.apply({.bucket = "a", .bytes = -50, .objects = 0}));
  EXPECT_TRUE(book.apply({.bucket = "a", .bytes = -50, .objects = -1}));
  EXPECT_EQ(book.of_bucket("a"), Usage());
}

TEST(UsageBook, UploadsAreBoundedWhereNothingElseIs) {
  UsageBook book(Quota{.bucket = {.uploads = 2}, .account = {.uploads = 3}});
  book.own("a", "1");
  book.own("b", "1");
  EXPECT_FALSE(book.counts_sizes());
  book.add({.bucket = "a", .uploads = 1});  // from before

  const UsageChange begun{.bucket = "a", .objects = 1, .uploads = 1};
  EXPECT_TRUE(book.apply(begun));
  const Status refused = book.apply(begun);
  EXPECT_EQ(code_of(refused), ErrorCode::QuotaExceeded);
  EXPECT_NE(refused.error().message.find("unfinished multipart uploads"), std::string::npos);
  EXPECT_TRUE(book.apply({.bucket = "a", .bytes = 1'000'000, .objects = 1})) << "an object";
  EXPECT_TRUE(book.apply({.bucket = "b", .uploads = 1}));
  EXPECT_EQ(code_of(book.apply({.bucket = "b", .uploads = 1})), ErrorCode::QuotaExceeded)
      << "the account";
  EXPECT_TRUE(book.apply({.bucket = "a", .uploads = -1}));
  EXPECT_TRUE(book.apply({.bucket = "b", .uploads = 1}));
}

TEST(UsageBook, AChangeTakenBackLeavesNothing) {
  UsageBook book(Quota{.bucket = {}, .account = {.bytes = 100, .objects = 5}});
  book.own("a", "1");
  const UsageChange change{.bucket = "a", .bytes = 70, .objects = 1};
  ASSERT_TRUE(book.apply(change));

  book.undo(change);

  EXPECT_EQ(book.of_bucket("a"), Usage());
  EXPECT_EQ(book.of_account("1"), Usage());
}

TEST(UsageBook, UsageMovesWithTheOwner) {
  UsageBook book(Quota{.bucket = {}, .account = {.bytes = 100, .objects = 0}});
  ASSERT_TRUE(book.apply({.bucket = "a", .bytes = 70, .objects = 1}));

  book.own("a", "1");

  EXPECT_EQ(book.of_account("1"), (Usage{.bytes = 70, .objects = 1}));
  EXPECT_EQ(book.of_account(""), Usage());
}

}  // namespace
}  // namespace signet::objects
