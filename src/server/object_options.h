#pragma once

#include "objects/object_store.h"
#include "server/options.h"

namespace signet::server {

// How the objects are stored in `folder`. In dev mode they may take the room there is, unless a
// reserve was set.
[[nodiscard]] objects::ObjectStore::Options object_options(const Options& options,
                                                           const std::string& folder);

}  // namespace signet::server
