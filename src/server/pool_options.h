#pragma once

#include <cstdint>

#include "api/worker_pool.h"
#include "server/limits.h"

namespace signet::server {

// What work on objects waits for: with upstreams it has many threads, whatever the limits say.
enum class Waiting : std::uint8_t { ForDisks, ForUpstreams };

// The pools as the limits want them.
[[nodiscard]] api::WorkerPools::Options pool_options(const Limits& limits, Waiting waiting);

}  // namespace signet::server
