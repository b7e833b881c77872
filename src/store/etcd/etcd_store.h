#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "store/etcd/gateway.h"
#include "store/shared_store.h"

namespace signet::store {

// How long a commit goes on trying while etcd does not answer, as long as it takes to elect another
// leader; after a commit that found nobody, the next one gives up sooner.
inline constexpr int kCommitPatienceMs = 5000;
inline constexpr int kCommitImpatienceMs = 1000;

// The records of a store in an etcd cluster (3.4 or later), which orders and keeps them
// (docs/formats/store.md, docs/decisions/0060-etcd-orders.md). Fails with ServiceFailure where none
// of its members answers.
[[nodiscard]] Result<std::unique_ptr<SharedStore>> open_etcd_store(EtcdAccess access,
                                                                   Random& random);

}  // namespace signet::store
