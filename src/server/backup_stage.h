#pragma once

#include <cstdint>
#include <string>

#include "audit/sink.h"
#include "base/result.h"
#include "identity/directory.h"
#include "objects/object_store.h"
#include "store/store.h"

namespace signet::server {

// The first half of a backup, by the process that holds the data folder: everything as it is at one
// moment, in the folder `backup.staging` of the data folder. Files of objects are further names of
// those that there are, so it is quick and takes little room; writers wait for the moment only. The
// other half (backup.h) takes it from there.
//
// Of a cluster: the state of all, at one moment, in the form in which one machine has it, with the
// objects and the trail of this node.

struct BackupSource {
  store::Store& store;
  identity::Directory& directory;  // over it
  objects::ObjectStore& objects;
  audit::Sink& audit;
  std::string data_folder;
};

struct StagedBackup {
  std::uint64_t objects = 0;  // files of objects and parts
  std::uint64_t bytes = 0;    // in them
  std::string master_key;     // id of the key that its secrets are under
  std::uint64_t records = 0;  // of a cluster, compared with what was written
  std::string digest = {};    // of them, as `signet migrate` tells it; empty: of no cluster
};

// What an earlier backup left there is removed.
[[nodiscard]] Result<StagedBackup> stage_backup(const BackupSource& source);

[[nodiscard]] std::string staging_folder(const std::string& data_folder);

// Removes it, unless somebody takes a backup from it now.
void remove_stale_staging(const std::string& data_folder);

}  // namespace signet::server
