#pragma once

#include <memory>
#include <string>

#include "crypto/key_wrap.h"
#include "objects/object_store.h"
#include "server/options.h"

namespace signet::server {

// How the objects are stored in `folder`, encrypted under `keys`. In dev mode they may take the
// room there is, unless a reserve was set.
[[nodiscard]] objects::ObjectStore::Options object_options(
    const Options& options,
    const std::string& folder,
    std::shared_ptr<const crypto::SecretBox> keys);

}  // namespace signet::server
