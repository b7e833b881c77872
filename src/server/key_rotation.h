#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "identity/directory.h"
#include "store/store.h"

namespace signet::server {

// Puts a new master key in the place of the present one: the data keys are wrapped anew, in one
// write, and nothing else changes. The old key stays as master.key.ID, because backups made before
// need it. A key from SIGNET_MASTER_KEY is replaced by the one in SIGNET_NEW_MASTER_KEY, on a
// stopped folder. Answers what was done.
[[nodiscard]] Result<std::string> rotate_master_key(const std::string& data_folder,
                                                    identity::Directory& directory,
                                                    Random& random);

// Ends a rotation that a crash interrupted, one way or the other, before the key is read.
[[nodiscard]] Status finish_key_rotation(const std::string& data_folder, store::Store& store);

}  // namespace signet::server
