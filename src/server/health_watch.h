#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "audit/sink.h"
#include "identity/directory.h"
#include "objects/object_store.h"

namespace signet::server {

// Looks every second at what may keep the server from doing all it should, so that readiness and
// metrics answer at once with something true. troubles() and disk() are thread-safe.
class HealthWatch {
 public:
  HealthWatch(identity::Directory& directory,
              const objects::ObjectStore& objects,
              const audit::Sink& audit);

  // Also tries whether a directory that failed to write can write again, and keeps the disk's
  // ballast. Blocks on both.
  void look();

  // What was found last, one lower-case clause each; empty: all is well.
  [[nodiscard]] std::vector<std::string> troubles() const;
  [[nodiscard]] objects::DiskState disk() const;

 private:
  void look_at_disk(std::vector<std::string>& found);
  void look_at_directory(std::vector<std::string>& found);
  void look_at_audit(std::vector<std::string>& found);
  void publish(std::vector<std::string> found);

  identity::Directory& directory_;
  const objects::ObjectStore& objects_;
  const audit::Sink& audit_;

  mutable std::mutex mutex_;
  std::vector<std::string> troubles_;  // guarded by mutex_
  objects::DiskState disk_;            // guarded by mutex_
};

}  // namespace signet::server
