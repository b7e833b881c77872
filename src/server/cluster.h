#pragma once

#include <memory>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "server/options.h"
#include "store/store.h"

namespace signet::server {

// The store of options.store, reached as options.store_* say.
[[nodiscard]] Result<std::unique_ptr<store::Store>> open_cluster(const Options& options,
                                                                 Random& random);

// The master key of a node, which is given to it (SIGNET_MASTER_KEY, or master.key in its folder):
// no node makes one, or each would have its own.
[[nodiscard]] Result<Secret> master_key_of_node(const Options& options,
                                                store::Store& store,
                                                Random& random);

}  // namespace signet::server
