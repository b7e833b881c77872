#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace signet::store {

struct EmbeddedOptions {
  // Where the data lives. Made with mode 0700 when missing (its parent must exist).
  std::string folder;
  // Size of each of the two files of the commit log. A full one is moved into the database in the
  // background while commits go on in the other; a group of commits that is larger goes into the
  // database at once.
  std::size_t log_file_bytes = std::size_t{2} << 20;
  // Writes both files in full when the store is opened, so that commits have room for them on a
  // disk that fills up later. Otherwise they grow when they are used much.
  bool takes_room_at_once = false;
};

// One folder on one machine: a SQLite database, and before it a log that makes a commit durable
// with one write (docs/decisions/0014-commit-log.md). Commits of concurrent callers are grouped
// into one record. The folder is locked: a second process (or a second open in this one) is
// refused. Fails with ServiceFailure and a cause that names the folder.
[[nodiscard]] Result<std::unique_ptr<Store>> open_embedded_store(const EmbeddedOptions& options);

}  // namespace signet::store
