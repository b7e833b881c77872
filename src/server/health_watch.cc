#include "server/health_watch.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/strings.h"

namespace signet::server {
namespace {

// Writes what is there already, to see whether writing works.
Status rewrite_something(const identity::Snapshot& snapshot, identity::Transaction& transaction) {
  const auto keys = snapshot.sealing_keys();
  if (!keys.empty()) {
    transaction.put(*keys.back());
  }
  return {};
}

}  // namespace

HealthWatch::HealthWatch(identity::Directory& directory,
                         const objects::ObjectStore& objects,
                         const audit::Sink& audit)
    : directory_(directory), objects_(objects), audit_(audit) {}

void HealthWatch::look() {
  try_to_write();
  const ProcessState process = read_process_state();
  {
    const std::scoped_lock lock(mutex_);
    process_ = process;
  }
  std::vector<std::string> found;
  look_at_disk(found);
  look_at_audit(found);
  publish(std::move(found));
}

// One at a time, and not waited for: behind the writes of clients it may take seconds to fail. If
// one of theirs succeeds before, that shows too.
void HealthWatch::try_to_write() {
  if (!directory_.write_stats().is_failing || is_trying_->exchange(true)) {
    return;
  }
  directory_.submit(
      rewrite_something,
      [trying = is_trying_](const Result<std::uint64_t>& /*revision*/) { *trying = false; });
}

void HealthWatch::look_at_directory(std::vector<std::string>& found) const {
  if (directory_.write_stats().is_failing) {
    found.emplace_back("identities cannot be written: the log says why");
  }
}

void HealthWatch::look_at_disk(std::vector<std::string>& found) {
  const objects::DiskGuard& guard = objects_.disk();
  if (!guard.is_on()) {
    return;
  }
  guard.keep_ballast();
  const objects::DiskState seen = guard.look();
  {
    const std::scoped_lock lock(mutex_);
    disk_ = seen;
  }
  if (!guard.admit(0)) {
    found.emplace_back("the disk is below its reserve: objects are not stored");
  }
}

void HealthWatch::look_at_audit(std::vector<std::string>& found) {
  if (!audit_.health().is_well) {
    found.emplace_back("audit records are lost or cannot be written: the log says why");
  }
}

void HealthWatch::publish(std::vector<std::string> found) {
  std::vector<std::string> others = found;
  look_at_directory(found);
  const std::vector<std::string> before = std::exchange(told_, found);
  const auto says = [](const std::vector<std::string>& list, const std::string& text) {
    return std::ranges::find(list, text) != list.end();
  };
  for (const std::string& trouble : found) {
    if (!says(before, trouble)) {
      log(LogLevel::Error, "trouble_began", {{"what", trouble}});
    }
  }
  for (const std::string& trouble : before) {
    if (!says(found, trouble)) {
      log(LogLevel::Warning, "trouble_ended", {{"what", trouble}});
    }
  }
  const std::scoped_lock lock(mutex_);
  troubles_ = std::move(others);
}

std::vector<std::string> HealthWatch::troubles() const {
  std::vector<std::string> found;
  look_at_directory(found);
  const std::scoped_lock lock(mutex_);
  found.insert(found.end(), troubles_.begin(), troubles_.end());
  return found;
}

ProcessState HealthWatch::process() const {
  const std::scoped_lock lock(mutex_);
  return process_;
}

objects::DiskState HealthWatch::disk() const {
  const std::scoped_lock lock(mutex_);
  return disk_;
}

}  // namespace signet::server
