#include "api/worker_pool.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace signet::api {
namespace {

const Share kFlood{.account = "1", .caller = "flood"};
const Share kQuiet{.account = "1", .caller = "quiet"};

WorkerPoolOptions narrow(std::size_t threads) {
  return {.name = "test",
          .threads = threads,
          .queue = {.places = 8, .account_places = 8, .caller_places = 2, .caller_running = 1},
          .is_background = true};
}

// A job that runs until it is let go.
class Gate {
 public:
  WorkerPool::Job job() {
    return [this](authz::Authorizer&) {
      is_running_.count_down();
      may_end_.wait();
    };
  }

  void await() { is_running_.wait(); }

  void open() { may_end_.count_down(); }

 private:
  std::latch is_running_{1};
  std::latch may_end_{1};
};

TEST(WorkerPool, WhoFloodsIsRefusedAndCountedAndNobodyElseIs) {
  WorkerPool pool(narrow(1));
  Gate gate;
  std::atomic<int> ran = 0;
  const auto count = [&ran](authz::Authorizer&) {
    ++ran;
  };
  ASSERT_EQ(pool.submit(kFlood, gate.job()), Admission::Queued);
  gate.await();

  EXPECT_EQ(pool.submit(kFlood, count), Admission::Queued);
  EXPECT_EQ(pool.submit(kFlood, count), Admission::Queued);
  EXPECT_EQ(pool.submit(kFlood, count), Admission::ShareFull);
  EXPECT_EQ(pool.submit(kQuiet, count), Admission::Queued);
  const WorkerPoolCounters busy = pool.counters();
  EXPECT_EQ(busy.waiting, 3U);
  EXPECT_EQ(busy.running, 1U);
  EXPECT_EQ(busy.refused_by_share, 1U);

  gate.open();
  pool.stop();
  EXPECT_EQ(ran, 3);
  EXPECT_EQ(pool.counters().jobs, 4U);
}

TEST(WorkerPool, OneCallersLongJobsLeaveAThreadToTheOthers) {
  WorkerPool pool(narrow(2));
  Gate flood;
  std::latch quiet_ran(1);
  ASSERT_EQ(pool.submit(kFlood, flood.job()), Admission::Queued);
  flood.await();
  ASSERT_EQ(pool.submit(kFlood, [](authz::Authorizer&) {}), Admission::Queued);

  ASSERT_EQ(pool.submit(kQuiet, [&quiet_ran](authz::Authorizer&) { quiet_ran.count_down(); }),
            Admission::Queued);
  quiet_ran.wait();  // while the flood's first job runs and its second waits

  EXPECT_EQ(pool.counters().waiting, 1U);
  flood.open();
}

TEST(WorkerPool, StoppingFinishesWhatWaitsAndTakesNothingMore) {
  WorkerPool pool(narrow(2));
  std::atomic<int> ran = 0;
  const auto count = [&ran](authz::Authorizer&) {
    ++ran;
  };
  ASSERT_EQ(pool.submit(kFlood, count), Admission::Queued);
  ASSERT_EQ(pool.submit(kQuiet, count), Admission::Queued);

  pool.stop();

  EXPECT_EQ(ran, 2);
  EXPECT_EQ(pool.submit(kQuiet, count), Admission::Full);
}

WorkerPoolOptions taking_turns(std::size_t threads, std::size_t turns) {
  WorkerPoolOptions options = narrow(threads);
  options.turns = turns;
  return options;
}

// While nothing else runs, a short job of another caller does not wait for the end of a long one.
TEST(WorkerPool, ALongJobLetsOthersHaveTheirTurn) {
  WorkerPool pool(taking_turns(4, 1));
  bool was_before_the_end = false;
  for (int i = 0; i < 1000 && !was_before_the_end; ++i) {  // until the other threads have started
    std::latch is_running(1);
    std::latch may_go_on(1);
    std::latch have_ended(2);
    std::atomic<bool> has_quiet_run = false;
    ASSERT_EQ(pool.submit(kFlood,
                          [&](authz::Authorizer&) {
                            is_running.count_down();
                            may_go_on.wait();
                            pass_turn();
                            was_before_the_end = has_quiet_run.load();
                            have_ended.count_down();
                          }),
              Admission::Queued);
    is_running.wait();
    ASSERT_EQ(pool.submit(kQuiet,
                          [&](authz::Authorizer&) {
                            has_quiet_run = true;
                            have_ended.count_down();
                          }),
              Admission::Queued);
    EXPECT_FALSE(has_quiet_run) << "one runs at once";
    may_go_on.count_down();
    have_ended.wait();
  }
  pool.stop();
  EXPECT_TRUE(was_before_the_end);
}

// More long jobs than threads: everyone comes to an end, and no more than `turns` run at once.
TEST(WorkerPool, TurnsAreBoundedAndEveryoneComesToAnEnd) {
  constexpr int kCallers = 7;
  constexpr int kPieces = 50;
  WorkerPool pool(taking_turns(4, 2));
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::atomic<int> ended = 0;
  for (int caller = 0; caller < kCallers; ++caller) {
    const Share share{.account = "1", .caller = std::to_string(caller)};
    ASSERT_EQ(pool.submit(share,
                          [&](authz::Authorizer&) {
                            for (int piece = 0; piece < kPieces; ++piece) {
                              most = std::max(most.load(), ++running);
                              --running;
                              pass_turn();
                            }
                            ++ended;
                          }),
              Admission::Queued);
  }
  pool.stop();
  EXPECT_EQ(ended, kCallers);
  EXPECT_LE(most, 2);
}

TEST(WorkerPool, PassingATurnDoesNothingElsewhere) {
  pass_turn();
  WorkerPool pool(narrow(1));
  std::latch is_done(1);
  ASSERT_EQ(pool.submit(kQuiet,
                        [&](authz::Authorizer&) {
                          pass_turn();
                          is_done.count_down();
                        }),
            Admission::Queued);
  is_done.wait();
}

}  // namespace
}  // namespace signet::api
