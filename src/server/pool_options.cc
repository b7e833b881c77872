#include "server/pool_options.h"

namespace signet::server {
namespace {

api::WorkerPoolOptions objects_pool(const Limits& limits) {
  const std::size_t threads = limits.size(Limit::ObjectsThreads);
  return {.name = "objects",
          .threads = threads,
          .queue = {.places = limits.size(Limit::ObjectsQueue),
                    .account_places = limits.size(Limit::ObjectsQueueAccount),
                    .caller_places = limits.size(Limit::ObjectsQueueCaller),
                    .caller_running = threads},
          .is_background = false};
}

// One caller holds one thread, so that the others find one free whatever it does.
api::WorkerPoolOptions long_pool(const Limits& limits) {
  return {.name = "long",
          .threads = limits.size(Limit::LongThreads),
          .queue = {.places = limits.size(Limit::LongQueue),
                    .account_places = limits.size(Limit::LongQueueAccount),
                    .caller_places = limits.size(Limit::LongQueueCaller),
                    .caller_running = 1},
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

}  // namespace

api::WorkerPools::Options pool_options(const Limits& limits) {
  return {objects_pool(limits), long_pool(limits), passwords_pool(limits), pages_pool(limits)};
}

}  // namespace signet::server
