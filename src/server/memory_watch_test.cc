#include "server/memory_watch.h"

#include <gtest/gtest.h>

namespace signet::server {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

TEST(MemoryWatch, GivesBackOnceWhenABurstIsOver) {
  MemoryWatch watch;

  EXPECT_FALSE(watch.look(100 * kMiB, 0));
  EXPECT_FALSE(watch.look(60 * kMiB, 0)) << "most of it is in use still";
  EXPECT_TRUE(watch.look(40 * kMiB, 0));
  EXPECT_FALSE(watch.look(40 * kMiB, 0));
  EXPECT_TRUE(watch.look(0, 0));
}

TEST(MemoryWatch, ConnectionsCountToo) {
  MemoryWatch watch;

  EXPECT_FALSE(watch.look(0, 1200));
  EXPECT_TRUE(watch.look(0, 10));
}

TEST(MemoryWatch, SmallChangesAreNoBurst) {
  MemoryWatch watch;

  EXPECT_FALSE(watch.look(7 * kMiB, 20));
  EXPECT_FALSE(watch.look(0, 0));
}

}  // namespace
}  // namespace signet::server
