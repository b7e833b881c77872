#include "identity/directory.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "identity/data_keys.h"
#include "identity/directory_writer.h"
#include "identity/schema.h"

namespace signet::identity {
Result<std::unique_ptr<Directory>> Directory::open(const Deps& deps) {
  return open(deps, Options());
}

Result<std::unique_ptr<Directory>> Directory::open(const Deps& deps, const Options& options) {
  TRY_STATUS(open_schema(deps.store));
  crypto::SecretBox box = TRY(open_data_keys(deps.store, deps.master_key, deps.random));
  std::unique_ptr<Directory> directory(new Directory());
  directory->writer_ =
      std::make_unique<DirectoryWriter>(deps, options, std::move(box), directory->revision_);
  TRY_STATUS(directory->writer_->start());
  return directory;
}

Directory::~Directory() {
  stop();
}

void Directory::submit(WriteFn write, Completion done) {
  writer_->submit(std::move(write), std::move(done));
}

Result<std::uint64_t> Directory::apply(WriteFn write) {
  std::mutex mutex;
  std::condition_variable wake;
  std::optional<Result<std::uint64_t>> answer;
  submit(std::move(write), [&](Result<std::uint64_t> result) {
    const std::scoped_lock lock(mutex);
    answer = std::move(result);
    wake.notify_one();
  });
  std::unique_lock lock(mutex);
  wake.wait(lock, [&answer] { return answer.has_value(); });
  // NOLINTNEXTLINE(bugprone-unchecked-optional-access): that is what was waited for
  return std::move(*answer);
}

WriteStats Directory::write_stats() const {
  return writer_->stats();
}

std::shared_ptr<const Snapshot> Directory::current() const {
  return writer_->current();
}

Result<std::shared_ptr<const Checkpoint>> Directory::checkpoint() {
  return writer_->take_checkpoint();
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): kept alive for the length of the call
Result<std::uint64_t> Directory::restore(std::shared_ptr<const Checkpoint> checkpoint) {
  return writer_->restore(checkpoint);
}

Status Directory::rewrap(const Secret& old_master_key, const Secret& new_master_key) {
  return writer_->rewrap(old_master_key, new_master_key);
}

Status Directory::attach(Trail& trail) {
  return writer_->attach(trail);
}

bool Directory::is_shared() const {
  return writer_->is_shared();
}

FollowStats Directory::follow_stats() const {
  return writer_->follow_stats();
}

void Directory::when_at(std::optional<std::uint64_t> revision,
                        int patience_ms,
                        std::function<void(bool)> done) {
  writer_->when_at(revision, patience_ms, std::move(done));
}

void Directory::on_sealing_keys(
    std::function<void(const Snapshot&, std::uint64_t revision)> adopt) {
  writer_->on_sealing_keys(std::move(adopt));
}

bool Directory::is_in_office() const {
  return writer_->is_in_office();
}

void Directory::stop() {
  writer_->stop();
}

SnapshotReader::SnapshotReader(const Directory& directory) : directory_(&directory) {
  refresh();
}

void SnapshotReader::refresh() {
  snapshot_ = directory_->current();
  seen_ = snapshot_->revision();
}

}  // namespace signet::identity
