#pragma once

#include "store/etcd/gateway.h"
#include "store/etcd/layout.h"
#include "store/etcd/local_copy.h"

namespace signet::store {

// Brings a copy that holds `held` to `now`, the newest point of a cluster, with the commits in
// between. False: the copy is not of the cluster's history, or etcd no longer has it, or there is
// too much of it; then the copy is of no use. Blocks for seconds at most.
[[nodiscard]] bool bring_to(LocalCopy& copy,
                            const CopyPoint& held,
                            const CopyPoint& now,
                            EtcdGateway& gateway,
                            const EtcdLayout& layout);

}  // namespace signet::store
