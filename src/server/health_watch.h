#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "audit/sink.h"
#include "identity/directory.h"
#include "objects/object_store.h"
#include "server/process_state.h"

namespace signet::server {

// Looks every second at what may keep the server from doing all it should, so that readiness and
// metrics answer at once with something true. troubles() and disk() are thread-safe.
class HealthWatch {
 public:
  HealthWatch(identity::Directory& directory,
              const objects::ObjectStore& objects,
              const audit::Sink& audit);

  // Also has a directory that failed to write try whether it can write again, and keeps the disk's
  // ballast. Blocks on the disk.
  void look();

  // What was found last, and whether identities can be written as far as is known at this moment;
  // one lower-case clause each; empty: all is well.
  [[nodiscard]] std::vector<std::string> troubles() const;
  [[nodiscard]] objects::DiskState disk() const;
  [[nodiscard]] ProcessState process() const;

 private:
  void look_at_disk(std::vector<std::string>& found);
  void look_at_directory(std::vector<std::string>& found) const;
  void try_to_write();
  void look_at_audit(std::vector<std::string>& found);
  void publish(std::vector<std::string> found);

  identity::Directory& directory_;
  const objects::ObjectStore& objects_;
  const audit::Sink& audit_;

  // A directory may still try when this is gone.
  std::shared_ptr<std::atomic<bool>> is_trying_ = std::make_shared<std::atomic<bool>>(false);
  std::vector<std::string> told_;  // to the log; of look() alone

  mutable std::mutex mutex_;
  std::vector<std::string> troubles_;  // but for the directory's; guarded by mutex_
  objects::DiskState disk_;            // guarded by mutex_
  ProcessState process_;               // guarded by mutex_
};

}  // namespace signet::server
