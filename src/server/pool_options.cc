#include "server/pool_options.h"

#include <algorithm>
#include <thread>

namespace signet::server {
namespace {

// So many calls wait for upstreams at once. Threads that wait cost next to nothing; one caller
// leaves half of them to the others.
constexpr std::size_t kWaitingThreads = 64;

std::size_t caller_threads(std::size_t threads, Waiting waiting) {
  return waiting == Waiting::ForUpstreams ? std::max<std::size_t>(1, threads / 2) : threads;
}

api::WorkerPoolOptions objects_pool(const Limits& limits, Waiting waiting) {
  const std::size_t threads =
      std::max(limits.size(Limit::ObjectsThreads),
               waiting == Waiting::ForUpstreams ? kWaitingThreads : std::size_t{1});
  return {.name = "objects",
          .threads = threads,
          .queue = {.places = limits.size(Limit::ObjectsQueue),
                    .account_places = limits.size(Limit::ObjectsQueueAccount),
                    .caller_places = limits.size(Limit::ObjectsQueueCaller),
                    .caller_running = caller_threads(threads, waiting)},
          .is_background = false};
}

// Long calls take turns after each piece, so more of them are under way than run.
constexpr std::size_t kUnderWayPerTurn = 8;

// One caller has one call under way, so that the others find room whatever it does.
api::WorkerPoolOptions long_pool(const Limits& limits) {
  const std::size_t turns = limits.size(Limit::LongThreads);
  return {.name = "long",
          .threads = kUnderWayPerTurn * turns,
          .queue = {.places = limits.size(Limit::LongQueue),
                    .account_places = limits.size(Limit::LongQueueAccount),
                    .caller_places = limits.size(Limit::LongQueueCaller),
                    .caller_running = 1},
          .turns = turns,
          .is_background = true};
}

api::WorkerPoolOptions passwords_pool(const Limits& limits) {
  const std::size_t threads = limits.size(Limit::PasswordsThreads);
  return {.name = "password",
          .threads = threads,
          .queue = {.places = limits.size(Limit::PasswordsQueue),
                    .account_places = limits.size(Limit::PasswordsQueueAccount),
                    .caller_places = limits.size(Limit::PasswordsQueueCaller),
                    .caller_running = threads},
          .is_background = true};
}

// Pages are shown to addresses, which belong to no account.
api::WorkerPoolOptions pages_pool(const Limits& limits) {
  const std::size_t threads = limits.size(Limit::PagesThreads);
  const std::size_t places = limits.size(Limit::PagesQueue);
  return {.name = "pages",
          .threads = threads,
          .queue = {.places = places,
                    .account_places = places,
                    .caller_places = limits.size(Limit::PagesQueueAddress),
                    .caller_running = threads},
          .is_background = false};
}

// A connection has one piece waiting, whose memory is bounded elsewhere (memory.bodies): all of
// them have a place. The threads give way to the event loops, which share the processors with them.
api::WorkerPoolOptions bodies_pool(const Limits& limits, Waiting waiting) {
  const std::size_t wanted = limits.size(Limit::BodiesThreads);
  const std::size_t half = std::max(1U, std::thread::hardware_concurrency() / 2);
  const std::size_t usual = waiting == Waiting::ForUpstreams ? kWaitingThreads : half;
  const std::size_t threads = wanted == 0 ? usual : wanted;
  const std::size_t places = limits.size(Limit::ConnectionsMax);
  return {.name = "bodies",
          .threads = threads,
          .queue = {.places = places,
                    .account_places = places,
                    .caller_places = places,
                    .caller_running = caller_threads(threads, waiting)},
          .is_background = true};
}

// Whoever brings a token has not signed: addresses have places. One thread is left to the others
// while an issuer keeps one address waiting.
api::WorkerPoolOptions evidence_pool(const Limits& limits) {
  const std::size_t threads = limits.size(Limit::EvidenceThreads);
  const std::size_t places = limits.size(Limit::EvidenceQueue);
  return {.name = "evidence",
          .threads = threads,
          .queue = {.places = places,
                    .account_places = places,
                    .caller_places = limits.size(Limit::EvidenceQueueAddress),
                    .caller_running = std::max<std::size_t>(1, threads - 1)},
          .is_background = false};
}

}  // namespace

api::WorkerPools::Options pool_options(const Limits& limits, Waiting waiting) {
  return {objects_pool(limits, waiting),
          long_pool(limits),
          passwords_pool(limits),
          pages_pool(limits),
          bodies_pool(limits, waiting),
          evidence_pool(limits)};
}

}  // namespace signet::server
