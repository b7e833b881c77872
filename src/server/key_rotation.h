#pragma once

#include <string>

#include "authn/key_rings.h"
#include "base/instant.h"
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

// Adds a data key, under which the secrets of records are sealed from now on, as they are written;
// the keys of objects from the next start. The others stay, to open what they sealed. In a cluster
// every node takes it up before the first record comes that needs it. Answers what was done.
[[nodiscard]] Result<std::string> rotate_data_key(const std::string& data_folder,
                                                  identity::Directory& directory,
                                                  store::Store& store,
                                                  Random& random);

// Adds a sealing key that seals from now on, in a cluster in a minute, when all nodes know it. What
// the others sealed is opened until it expires. Answers what was done. Blocks on the directory.
[[nodiscard]] Result<std::string> rotate_sealing_key(identity::Directory& directory,
                                                     authn::KeyRings& rings,
                                                     Random& random,
                                                     Instant now);

// Removes the master keys that were replaced (master.key.ID). Backups made under them can be
// restored with a copy of the key only. Answers what was done.
[[nodiscard]] Result<std::string> retire_master_keys(const std::string& data_folder);

// Ends a rotation that a crash interrupted, one way or the other, before the key is read.
[[nodiscard]] Status finish_key_rotation(const std::string& data_folder, store::Store& store);

}  // namespace signet::server
