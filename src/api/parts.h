#pragma once

#include <cstdint>

#include "api/observer.h"
#include "api/operation.h"
#include "api/services.h"
#include "api/shares.h"
#include "api/worker_pool.h"
#include "audit/sink.h"
#include "base/secret.h"
#include "identity/directory.h"

namespace signet::api {

// What the doors are put together from. All of it outlives them.
struct Parts {
  Deps deps;
  identity::Directory& directory;
  audit::Sink& audit;
  WorkerPools& pools;
  Services services;
  ShareLimits write_shares;
  int loops = 1;
  // Longest body of a request that nobody has signed, in bytes.
  std::uint64_t unsigned_body_max = std::uint64_t{16} * 1024;
  // Other nodes write to the directory's store too: requests may ask for a state (exchange_base.h).
  bool is_shared = false;
  bool reads_newest = false;  // every request does, for the newest
  // Requests are refused while the state may lack what is older than so much; 0: never.
  std::int64_t stale_ms_max = 0;
  // What proxies show that ask about requests; empty: none may.
  Secret asker_token = {};
  // Told of every request that was answered; null: nobody is.
  RequestObserver* observer = nullptr;
};

}  // namespace signet::api
