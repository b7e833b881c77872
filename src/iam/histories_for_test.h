#pragma once

#include <cstdint>

#include <gtest/gtest.h>

namespace signet::iam {

// Lets so many random histories, each of its own seed, run so many steps, and compares each with
// its model now and then. A History has step() and expect_equal(). Stops at the first that fails.
template <class History>
void run_histories(std::uint32_t histories, int steps) {
  for (std::uint32_t seed = 1; seed <= histories; ++seed) {
    History history(seed);
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      history.step();
      if (step % 50 == 49) {
        history.expect_equal();
      }
    }
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace signet::iam
