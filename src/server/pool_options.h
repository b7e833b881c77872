#pragma once

#include "api/worker_pool.h"
#include "server/limits.h"

namespace signet::server {

// The pools as the limits want them.
[[nodiscard]] api::WorkerPools::Options pool_options(const Limits& limits);

}  // namespace signet::server
