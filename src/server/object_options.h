#pragma once

#include "s3/object_store.h"
#include "server/options.h"

namespace signet::server {

// How the objects are stored in `folder`. In dev mode they may take the room there is, unless a
// reserve was set.
[[nodiscard]] s3::ObjectStore::Options object_options(const Options& options,
                                                      const std::string& folder);

}  // namespace signet::server
