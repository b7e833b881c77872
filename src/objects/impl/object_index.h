#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "objects/closed_buckets.h"
#include "objects/impl/database.h"
#include "objects/impl/index_look.h"
#include "objects/impl/info_cache.h"
#include "objects/listing.h"
#include "objects/object_info.h"
#include "objects/tagged_buckets.h"
#include "objects/upload_info.h"
#include "objects/usage.h"

namespace signet::objects::impl {

struct UploadName {
  std::string key;
  std::string id;
};

// An object and a part as far as their removal needs it.
struct FoundObject {
  std::string key;
  Result<ObjectInfo> object;
};

// A version that is not its key's object, as far as its place and its removal need it.
struct FoundVersion {
  std::string key;
  std::int64_t rank = 0;
  Result<ObjectInfo> object;
};

struct FoundPart {
  std::int64_t number = 0;
  Result<PartInfo> part;
};

// The changes of one write, inside a transaction that may carry other writes too. A change that
// fails undoes the whole write. Buckets are named by the ids that ObjectStore takes.
class IndexWriter {
 public:
  // `usage` and `tagged` must outlive the writer.
  [[nodiscard]] static Result<std::unique_ptr<IndexWriter>> open(Database& database,
                                                                 UsageBook& usage,
                                                                 TaggedBuckets& tagged);

  [[nodiscard]] Result<Found<ObjectInfo>> find(std::string_view bucket, std::string_view key);
  [[nodiscard]] Status put(std::string_view bucket, const ObjectInfo& info);
  [[nodiscard]] Status erase(std::string_view bucket, std::string_view key);
  [[nodiscard]] Result<bool> has_objects(std::string_view bucket);
  // Whether it has versions that are not their keys' objects.
  [[nodiscard]] Result<bool> has_versions(std::string_view bucket);
  // The first of the bucket's objects, at most `count`.
  [[nodiscard]] Result<std::vector<FoundObject>> first_objects(std::string_view bucket,
                                                               std::size_t count);

  // Versions that are not their keys' objects: noncurrent ones, and delete markers.
  // Puts one in front of the others of its key.
  [[nodiscard]] Status put_version(std::string_view bucket, const ObjectInfo& info);
  // `id` as shown_version() has it. Nothing if there is none.
  [[nodiscard]] Result<std::optional<FoundVersion>> find_version(std::string_view bucket,
                                                                 std::string_view key,
                                                                 std::string_view id);
  [[nodiscard]] Result<std::optional<FoundVersion>> newest_version(std::string_view bucket,
                                                                   std::string_view key);
  // Replaces what has no column of its own.
  [[nodiscard]] Status amend_version(std::string_view bucket,
                                     const ObjectInfo& info,
                                     std::int64_t rank);
  [[nodiscard]] Status erase_version(std::string_view bucket,
                                     std::string_view key,
                                     std::int64_t rank);
  // The first of the bucket's, at most `count`.
  [[nodiscard]] Result<std::vector<FoundVersion>> first_versions(std::string_view bucket,
                                                                 std::size_t count);

  [[nodiscard]] Status put_upload(std::string_view bucket, const UploadInfo& upload);
  [[nodiscard]] Result<Found<UploadInfo>> find_upload(std::string_view bucket,
                                                      std::string_view key,
                                                      std::string_view id);
  [[nodiscard]] Status put_part(std::string_view upload, const PartInfo& part);
  // The upload and its parts.
  [[nodiscard]] Status erase_upload(std::string_view bucket,
                                    std::string_view key,
                                    std::string_view id);
  // One of the bucket, if it has any.
  [[nodiscard]] Result<std::optional<UploadName>> first_upload(std::string_view bucket);
  // The first of the upload's parts, at most `count`.
  [[nodiscard]] Result<std::vector<FoundPart>> first_parts(std::string_view upload,
                                                           std::size_t count);
  [[nodiscard]] Result<Found<PartInfo>> find_part(std::string_view upload, std::int64_t number);
  // The upload without its parts; one part.
  [[nodiscard]] Status erase_upload_alone(std::string_view bucket,
                                          std::string_view key,
                                          std::string_view id);
  [[nodiscard]] Status erase_part(std::string_view upload, std::int64_t number);
  // Those up to a number.
  [[nodiscard]] Status erase_parts(std::string_view upload, std::int64_t last);

  // The bytes of an object that has no file (is_in_index()); `file` is from new_file().
  [[nodiscard]] Status put_bytes(std::string_view file, std::string_view sealed);
  [[nodiscard]] Status erase_bytes(std::string_view file);

  // The bucket is to be removed if it is gone when that is known, also by a later process.
  [[nodiscard]] Status note_removal(std::string_view bucket);
  [[nodiscard]] Status forget_removal(std::string_view bucket);

  // Counts what the write changes. QuotaExceeded: the bucket or its account would hold too much.
  [[nodiscard]] Status use(UsageChange change);

  // What use() has counted since this was taken last, so that it can be taken back.
  [[nodiscard]] std::vector<UsageChange> take_used() { return std::exchange(used_, {}); }

  // Objects put and erased, by InfoCache::name_of(); whoever commits takes them.
  std::vector<std::string> touched;

 private:
  IndexWriter(UsageBook& usage, TaggedBuckets& tagged) : usage_(usage), tagged_(tagged) {}

  [[nodiscard]] Status note_tags(std::string_view bucket, const ObjectInfo& info);

  UsageBook& usage_;
  TaggedBuckets& tagged_;
  std::vector<UsageChange> used_;
  Statement find_;
  Statement put_;
  Statement erase_;
  Statement disturb_;
  Statement any_;
  Statement any_version_;
  Statement first_objects_;
  Statement put_version_;
  Statement find_version_;
  Statement newest_version_;
  Statement erase_version_;
  Statement first_versions_;
  Statement erase_part_;
  Statement put_upload_;
  Statement find_upload_;
  Statement put_part_;
  Statement parts_;
  Statement erase_upload_;
  Statement erase_parts_;
  Statement first_upload_;
  Statement find_part_;
  Statement note_removal_;
  Statement forget_removal_;
  Statement amend_version_;
  Statement note_tags_;
  Statement forget_tags_;
  Statement put_bytes_;
  Statement erase_bytes_;
};

// What can be asked of the index outside a write. One thread at a time.
class IndexReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<IndexReader>> open(const std::string& path,
                                                                 bool is_durable);

  [[nodiscard]] Result<std::optional<ObjectInfo>> find(std::string_view bucket,
                                                       std::string_view key);

  // A version that is not its key's object; see IndexWriter.
  [[nodiscard]] Result<std::optional<ObjectInfo>> find_version(std::string_view bucket,
                                                               std::string_view key,
                                                               std::string_view id);
  [[nodiscard]] Result<std::optional<ObjectInfo>> newest_version(std::string_view bucket,
                                                                 std::string_view key);

  // The rank at which those behind a version of a key begin; that of the first of all if there is
  // no such version any more: rather twice than not at all.
  [[nodiscard]] Result<std::int64_t> rank_behind(std::string_view bucket,
                                                 std::string_view key,
                                                 std::string_view version);

  // The scan of versions: (bucket, key, rank) -> rows from there on in the order of keys and,
  // within a key, newest first. An object that is not a delete marker and stands first is its key's
  // object.
  [[nodiscard]] Statement& version_scan() { return version_scan_; }

  // The scan statement: (bucket, from) -> rows in key order.
  [[nodiscard]] Statement& scan() { return scan_; }

  [[nodiscard]] Result<std::optional<UploadInfo>> find_upload(std::string_view bucket,
                                                              std::string_view key,
                                                              std::string_view id);
  [[nodiscard]] Result<std::vector<PartInfo>> parts(std::string_view upload);
  // See ObjectStore.
  [[nodiscard]] Status each_upload(std::string_view bucket,
                                   std::string_view from,
                                   const std::function<bool(UploadInfo)>& visit);
  [[nodiscard]] Result<std::optional<std::string>> key_of_upload(std::string_view bucket,
                                                                 std::string_view id);

  // Every object and every other version that has bytes, by bucket and key.
  [[nodiscard]] Status each_object(
      const std::function<Status(std::string_view bucket, const ObjectInfo&)>& visit);

  // Says for each record that is not what was written which it is. each_object() passes over it.
  [[nodiscard]] Status each_damaged(const std::function<void(std::string_view what)>& show);

  // What IndexWriter::put_bytes() was given; nothing if it is gone.
  [[nodiscard]] Result<std::optional<std::string>> bytes(std::string_view file);

  // From here to the end of the lease every look sees the index of one moment.
  [[nodiscard]] Status hold();
  void let_go();

  // Names of all files that objects and parts are in.
  [[nodiscard]] Result<std::vector<std::string>> all_files();

 private:
  explicit IndexReader(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  std::unique_ptr<Database> database_;
  Statement find_;
  Statement find_version_;
  Statement newest_version_;
  Statement version_scan_;
  Statement scan_;
  Statement find_upload_;
  Statement parts_;
  Statement uploads_;
  Statement upload_key_;
  Statement bytes_;
  bool is_held_ = false;
};

// Which objects there are, in key order: one SQLite file. Thread-safe: writes of several threads
// share one commit, reads go through connections of their own and see every write that was
// answered.
class ObjectIndex {
 public:
  using Write = std::function<Status(IndexWriter&)>;

  struct Options {
    bool is_durable = true;
    bool may_make = true;  // a missing index is a new one; otherwise it is refused
    Quota quota = Quota();
  };

  // SlowDown: the disk is too full to open it.
  [[nodiscard]] static Result<std::unique_ptr<ObjectIndex>> open(std::string path,
                                                                 const Options& options,
                                                                 Random& random);

  ObjectIndex(std::string path, bool is_durable, const Quota& quota)
      : path_(std::move(path)), is_durable_(is_durable), usage_(quota) {}

  ObjectIndex(const ObjectIndex&) = delete;
  ObjectIndex& operator=(const ObjectIndex&) = delete;
  ObjectIndex(ObjectIndex&&) = delete;
  ObjectIndex& operator=(ObjectIndex&&) = delete;
  // Notes that the index was closed in order.
  ~ObjectIndex();

  // Runs a write and makes it durable. It must look first and change then: one that answers an
  // error has changed nothing. Blocks until the commit.
  [[nodiscard]] Status write(const Write& write);

  // A reader for this thread, given back when dropped.
  class Lease {
   public:
    Lease(ObjectIndex& index, std::unique_ptr<IndexReader> reader)
        : index_(index), reader_(std::move(reader)) {}

    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    IndexReader* operator->() const { return reader_.get(); }

   private:
    ObjectIndex& index_;
    std::unique_ptr<IndexReader> reader_;
  };

  [[nodiscard]] Result<Lease> reader();

  // Moves the database's log into it, where that can be, so that the log is written again from its
  // start instead of growing.
  void checkpoint();

  // What buckets and accounts hold; counted only where a quota is set.
  [[nodiscard]] UsageBook& usage() { return usage_; }

  // Buckets that are being deleted: they take nothing more.
  [[nodiscard]] ClosedBuckets& closed() { return closed_; }

  // Which buckets have objects with tags.
  [[nodiscard]] TaggedBuckets& tagged() { return tagged_; }

  // What lately asked readers answered.
  [[nodiscard]] InfoCache& cache() { return cache_; }

  // 16 hexadecimal digits that no other index has.
  [[nodiscard]] std::string id() const;

  // What stands in a record for bytes that are in the index: no record ever had it. Thread-safe.
  [[nodiscard]] std::string new_file();

  // Removes bytes that no record names.
  [[nodiscard]] Status sweep_bytes();

  // Files may lie there that no record names: the process that had the index before us ended
  // without closing it, or owed a sweep.
  [[nodiscard]] bool needs_sweep() const { return was_interrupted_; }

  // To be called before a file is written: from here on the next start looks for files that no
  // record names, unless the index is closed first. Costs a commit once, so that a start costs
  // none.
  [[nodiscard]] Status expect_files();

  // The next start has to look for such files.
  void owe_sweep() { owes_sweep_.store(true, std::memory_order_relaxed); }

  // Forgets everything.
  [[nodiscard]] Status clear();

 private:
  [[nodiscard]] Status read_state(Random& random);
  [[nodiscard]] Status read_last_bytes(Random& random);

  struct Pending {
    const Write& write;
    Status result;
    std::vector<UsageChange> used;
    bool is_done = false;
  };

  void run_batch(std::span<Pending* const> batch);
  [[nodiscard]] Status run_one(Pending& pending);
  void take_back(std::vector<UsageChange> used);
  [[nodiscard]] Status count_usage();
  [[nodiscard]] Status read_removals();
  [[nodiscard]] Status read_tagged();

  std::string path_;
  bool is_durable_;
  bool was_interrupted_ = false;
  std::atomic<bool> owes_sweep_ = false;
  std::int64_t id_ = 0;
  std::atomic<std::int64_t> last_bytes_ = 0;   // the greatest id that bytes were given
  std::atomic<bool> is_mark_missing_ = false;  // that it is in use; the first write leaves it
  UsageBook usage_;
  ClosedBuckets closed_;
  TaggedBuckets tagged_;
  InfoCache cache_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<IndexWriter> writer_;

  // Guards what follows. The thread that finds nobody leading commits for all who wait.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Pending*> queue_;
  bool is_led_ = false;
  std::vector<std::unique_ptr<IndexReader>> idle_readers_;
};

}  // namespace signet::objects::impl
