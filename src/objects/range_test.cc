#include "objects/range.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "codec/time.h"

namespace signet::objects {
namespace {

TEST(ParseRange, ReadsTheThreeForms) {
  EXPECT_EQ(parse_range("bytes=0-0", 10).range, (ByteRange{0, 1}));
  EXPECT_EQ(parse_range("bytes=2-5", 10).range, (ByteRange{2, 4}));
  EXPECT_EQ(parse_range("bytes=2-", 10).range, (ByteRange{2, 8}));
  EXPECT_EQ(parse_range("bytes=9-99999999999999999999999", 10).range, (ByteRange{9, 1}));
  EXPECT_EQ(parse_range("bytes=-3", 10).range, (ByteRange{7, 3}));
  EXPECT_EQ(parse_range("bytes=-30", 10).range, (ByteRange{0, 10}));
  EXPECT_EQ(parse_range("BYTES= 0-1 ", 10).range, (ByteRange{0, 2}));
}

TEST(ParseRange, TellsUnsatisfiableFromMalformed) {
  for (const char* text : {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999-"}) {
    EXPECT_FALSE(parse_range(text, 10).range.has_value()) << text;
    EXPECT_EQ(parse_range(text, 10).fault, RangeFault::Unsatisfiable) << text;
  }
  for (const char* text : {"",
                           "bytes=",
                           "bytes=-",
                           "bytes=5",
                           "bytes=5-4",
                           "bytes=a-b",
                           "bytes=1-2,4-5",
                           "bytes=+1-2",
                           "bytes=1--2",
                           "bytes=0x1-2",
                           "bits=0-1",
                           "bytes 0-1",
                           "bytes=1 -2"}) {
    EXPECT_FALSE(parse_range(text, 10).range.has_value()) << text;
    EXPECT_EQ(parse_range(text, 10).fault, RangeFault::Ignored) << text;
  }
  EXPECT_EQ(parse_range("bytes=0-", 0).fault, RangeFault::Unsatisfiable);
  EXPECT_EQ(parse_range("bytes=-1", 0).fault, RangeFault::Unsatisfiable);
}

RC_GTEST_PROP(ParseRange, NeverLeavesTheObject, (const std::string& junk)) {
  const auto size = *rc::gen::inRange<std::uint64_t>(0, 100);
  const auto a = *rc::gen::inRange<std::uint64_t>(0, 120);
  const auto b = *rc::gen::inRange<std::uint64_t>(0, 120);
  for (const std::string& text : {"bytes=" + std::to_string(a) + "-" + std::to_string(b),
                                  "bytes=-" + std::to_string(a),
                                  "bytes=" + std::to_string(a) + "-",
                                  "bytes=" + junk}) {
    if (const auto range = parse_range(text, size).range) {
      RC_ASSERT(range->length > 0);
      RC_ASSERT(range->offset + range->length <= size);
    }
  }
}

TEST(ReadConditions, FollowRfc7232) {
  const Instant modified = Instant::from_seconds(1'700'000'000);
  const std::string same = codec::format_http_date(modified);
  const std::string before = codec::format_http_date(modified.plus_seconds(-1));
  const Instant now = modified.plus_seconds(60);
  const std::string future = codec::format_http_date(now.plus_seconds(1));
  using enum ConditionResult;

  EXPECT_EQ(evaluate({}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_match = "\"e\""}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_match = "e"}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_match = "*"}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_match = "\"x\", \"e\""}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_match = "\"x\""}, "e", modified, now), Failed);
  EXPECT_EQ(evaluate({.if_match = ""}, "e", modified, now), Failed);
  EXPECT_EQ(evaluate({.if_none_match = "\"e\""}, "e", modified, now), NotModified);
  EXPECT_EQ(evaluate({.if_none_match = "W/\"e\""}, "e", modified, now), NotModified);
  EXPECT_EQ(evaluate({.if_none_match = "\"x\""}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_modified_since = same}, "e", modified, now), NotModified);
  EXPECT_EQ(evaluate({.if_modified_since = before}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_modified_since = "yesterday"}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_modified_since = codec::format_http_date(now)}, "e", modified, now),
            NotModified);
  EXPECT_EQ(evaluate({.if_modified_since = future}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_unmodified_since = future}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_unmodified_since = same}, "e", modified, now), Proceed);
  EXPECT_EQ(evaluate({.if_unmodified_since = before}, "e", modified, now), Failed);
  EXPECT_EQ(evaluate({.if_match = "e", .if_unmodified_since = before}, "e", modified, now),
            Proceed);
  EXPECT_EQ(evaluate({.if_none_match = "x", .if_modified_since = same}, "e", modified, now),
            Proceed);
}

}  // namespace
}  // namespace signet::objects
