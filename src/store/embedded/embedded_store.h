#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace signet::store {

struct EmbeddedOptions {
  // Where the data lives. Made with mode 0700 when missing (its parent must exist).
  std::string folder;
  // The write-ahead log is copied into the database in the background once it has this many bytes
  // ...
  std::uint64_t checkpoint_bytes = std::uint64_t{4} << 20;
  // ... and writers wait for a full checkpoint, so that it starts anew, above this many.
  std::uint64_t restart_bytes = std::uint64_t{64} << 20;
};

// One folder on one machine: a SQLite database in WAL mode with synchronous=FULL. Commits of
// concurrent callers are grouped into one transaction and one flush. The folder is locked: a second
// process (or a second open in this one) is refused. Fails with ServiceFailure and a cause that
// names the folder.
[[nodiscard]] Result<std::unique_ptr<Store>> open_embedded_store(const EmbeddedOptions& options);

}  // namespace signet::store
