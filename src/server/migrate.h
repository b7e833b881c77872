#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "server/options.h"

namespace signet::server {

struct Migration {
  std::string from;  // a data folder or an etcd cluster
  std::string to;    // likewise; empty: a folder that is empty or not there, keys of etcd unused
};

struct Migrated {
  std::uint64_t records = 0;
  std::string digest;  // SHA-256 over all of them, of what was read and of what was written
  std::vector<std::string> notes;  // for the person who asked
};

// Copies every record as it is, data keys under their master key among them, and compares both
// sides. What a kill leaves behind has no schema version and is refused by every start. Nothing may
// write to the source meanwhile: a folder is locked, and a cluster that moved on is an error. A
// folder that was moved to a cluster becomes that of a node. The cluster is reached as
// options.store_* say.
[[nodiscard]] Result<Migrated> migrate(const Migration& migration,
                                       const Options& options,
                                       Random& random);

}  // namespace signet::server
