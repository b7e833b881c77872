#include "telemetry/backlog.h"

#include <gtest/gtest.h>

namespace signet::telemetry {
namespace {

TEST(Backlog, HandsOverWhatWasPushedInItsOrder) {
  Backlog backlog(100);
  backlog.push("a\n");
  backlog.push("b\n");

  EXPECT_EQ(backlog.take(0), "a\nb\n");
  EXPECT_EQ(backlog.take(0), "");
  EXPECT_EQ(backlog.dropped(), 0U);
}

TEST(Backlog, DropsAndCountsWhatFindsNoRoom) {
  Backlog backlog(4);
  backlog.push("abc\n");
  backlog.push("d\n");

  EXPECT_EQ(backlog.take(0), "abc\n");
  EXPECT_EQ(backlog.dropped(), 1U);
  backlog.push("d\n");
  EXPECT_EQ(backlog.take(0), "d\n") << "there is room again";
}

TEST(Backlog, GivesOutWhatIsLeftOnceItIsClosedAndTakesNothingMore) {
  Backlog backlog(100);
  backlog.push("a\n");
  backlog.close();
  backlog.push("b\n");

  EXPECT_EQ(backlog.take(60'000), "a\n");
  EXPECT_EQ(backlog.take(60'000), "") << "without waiting";
  EXPECT_EQ(backlog.dropped(), 1U);
}

}  // namespace
}  // namespace signet::telemetry
