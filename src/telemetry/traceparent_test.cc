#include "telemetry/traceparent.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::telemetry {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kSpan = "00f067aa0ba902b7";

TEST(TraceParent, IsReadFromTheExampleOfTheStandard) {
  const auto parent = parse_traceparent("00-" + kTrace + "-" + kSpan + "-01");

  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->trace_id, kTrace);
  EXPECT_EQ(parent->span_id, kSpan);
  EXPECT_TRUE(parent->is_sampled);
  EXPECT_FALSE(parse_traceparent("00-" + kTrace + "-" + kSpan + "-00")->is_sampled);
  EXPECT_TRUE(parse_traceparent("00-" + kTrace + "-" + kSpan + "-09")->is_sampled);
}

TEST(TraceParent, OfALaterVersionMayGoOn) {
  EXPECT_TRUE(parse_traceparent("01-" + kTrace + "-" + kSpan + "-01-more"));
  EXPECT_TRUE(parse_traceparent("cc-" + kTrace + "-" + kSpan + "-01"));
  EXPECT_FALSE(parse_traceparent("01-" + kTrace + "-" + kSpan + "-01more"));
}

TEST(TraceParent, IsNothingElse) {
  const std::string refused[] = {"",
                                 "00",
                                 "00-" + kTrace + "-" + kSpan,
                                 "00-" + kTrace + "-" + kSpan + "-1",
                                 "00-" + kTrace + "-" + kSpan + "-01-more",
                                 "ff-" + kTrace + "-" + kSpan + "-01",
                                 "0x-" + kTrace + "-" + kSpan + "-01",
                                 "00-" + std::string(32, '0') + "-" + kSpan + "-01",
                                 "00-" + kTrace + "-" + std::string(16, '0') + "-01",
                                 "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kSpan + "-01",
                                 "00-" + kTrace + "-" + kSpan + "-0g",
                                 "00_" + kTrace + "-" + kSpan + "-01",
                                 "00-" + kTrace + "_" + kSpan + "-01",
                                 "00-" + kTrace + "-" + kSpan + "_01"};
  for (const std::string& text : refused) {
    EXPECT_FALSE(parse_traceparent(text)) << text;
  }
}

}  // namespace
}  // namespace signet::telemetry
