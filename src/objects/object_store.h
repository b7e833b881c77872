#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "objects/closed_buckets.h"
#include "objects/disk_guard.h"
#include "objects/listing.h"
#include "objects/object_info.h"
#include "objects/staged_file.h"
#include "objects/upload_info.h"
#include "objects/usage.h"

namespace signet::objects {

class Moment;

namespace impl {
class IndexWriter;
class ObjectIndex;
struct Leftovers;
}  // namespace impl

// What must hold for a write to happen, decided together with the write.
struct WriteCondition {
  bool must_be_absent = false;  // If-None-Match: *
  std::string must_match;       // If-Match: an ETag without quotes, or "*"; empty: no condition

  [[nodiscard]] bool is_set() const { return must_be_absent || !must_match.empty(); }
};

// What happens to the objects of a bucket that is deleted.
enum class Contents : std::uint8_t { Refuse, Remove };

// An object with its bytes open for reading: what was opened stays readable whatever happens to the
// object.
struct OpenObject {
  ObjectInfo info;
  UniqueFd fd;
};

// Objects of all buckets: bytes in files, everything else in an index file beside them
// (docs/formats/objects.md). A write that was answered is on the disk; one that was not leaves
// nothing to see. Bucket ids are the caller's: a bucket that is deleted and made again must have
// another id. Thread-safe; calls block on the disk.
//
// A record of the index that is not what was written is S3InternalError to everybody who reads it.
// It can be overwritten and removed, on no condition; the log names it then, and the file that it
// names stays until the next start, which removes what no record names.
//
// Errors: NoSuchKey, PreconditionFailed, BucketNotEmpty, OperationAborted, NoSuchUpload,
// InvalidPart, QuotaExceeded, SlowDown (no room on the disk; removing goes on), S3InternalError
// with a cause.
class ObjectStore {
 public:
  struct Options {
    std::string folder;  // made if absent
    bool is_durable =
        true;  // false: nothing is forced to the disk (servers whose state is thrown away)
    // Of the index that was made here before: one that is missing, or another one, is refused.
    // Empty: a missing index is a new one.
    std::string id = {};
    // Bytes of the disk that objects may not take (0: DiskGuard's own measure). Nothing: they may
    // fill it.
    std::optional<std::uint64_t> disk_reserve = std::nullopt;
    Quota quota = Quota();
  };

  // Opens or makes the store; `random` (names of files) must outlive it. After a crash, files that
  // no object names are removed.
  [[nodiscard]] static Result<std::unique_ptr<ObjectStore>> open(Options options, Random& random);

  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;
  ObjectStore(ObjectStore&&) = delete;
  ObjectStore& operator=(ObjectStore&&) = delete;
  ~ObjectStore();

  // What Options::id names it by next time.
  [[nodiscard]] std::string id() const;

  // An empty file to write an object or a part into. SlowDown if there is no room for
  // `expected_bytes`.
  [[nodiscard]] Result<StagedFile> stage(std::uint64_t expected_bytes = 0) {
    return StagedFile::create(files_, expected_bytes);
  }

  // The account whose quota a bucket's objects count for. Before its first use; at the start for
  // every bucket that there is.
  void own(std::string_view bucket, std::string_view account);

  // The disk that the objects are on.
  [[nodiscard]] const DiskGuard& disk() const { return files_.guard(); }

  // Makes the staged bytes the object info.key, in place of the one that was there. info.size and
  // info.file are filled in.
  [[nodiscard]] Status put(std::string_view bucket,
                           StagedFile file,
                           ObjectInfo info,
                           const WriteCondition& condition);

  // What to do with what is known of an object; an error leaves it as it is.
  using Amend = std::function<Status(ObjectInfo&)>;

  // Changes what is known of an object besides its bytes, at once with the look at it. NoSuchKey;
  // the errors of `amend`.
  [[nodiscard]] Status amend(std::string_view bucket, std::string_view key, const Amend& amend);

  // Whether an object of the bucket has tags (kTagsHeader), or had some once. Never blocks.
  [[nodiscard]] bool may_have_tags(std::string_view bucket) const;

  // Whether a condition holds now. A write decides it again, together with itself.
  [[nodiscard]] Status check(std::string_view bucket,
                             std::string_view key,
                             const WriteCondition& condition);

  // Nothing if there is no such object.
  [[nodiscard]] Result<std::optional<ObjectInfo>> find(std::string_view bucket,
                                                       std::string_view key);
  [[nodiscard]] Result<std::optional<OpenObject>> open_object(std::string_view bucket,
                                                              std::string_view key);

  // What open_object() lately said about an object, if it still holds and can be told at once.
  // Nothing: ask open_object(). Never blocks.
  [[nodiscard]] std::optional<ObjectInfo> known_object(std::string_view bucket,
                                                       std::string_view key);
  // The bytes of a known object; not valid if only the disk has them. Never blocks.
  [[nodiscard]] UniqueFd open_known(const ObjectInfo& info) const;

  // Shows every object, by bucket and key. An error of the visitor ends the walk.
  [[nodiscard]] Status each_object(
      const std::function<Status(std::string_view bucket, const ObjectInfo&)>& visit);

  // Says for each record of the index that is not what was written which it is; each_object()
  // passes over it.
  [[nodiscard]] Status each_damaged_record(const std::function<void(std::string_view what)>& show);

  // Removes the objects that exist among these, at once. `condition` counts for a single key.
  [[nodiscard]] Status erase(std::string_view bucket,
                             std::span<const std::string> keys,
                             const WriteCondition& condition);

  [[nodiscard]] Result<ListPage> list(std::string_view bucket, const ListQuery& query);

  // Closes a bucket to all further writes, for its deletion, as long as somebody holds it. One that
  // has objects is BucketNotEmpty, unless they are to go with it. What becomes of it is decided
  // afterwards (removal.h), after a crash too.
  [[nodiscard]] Result<BucketHold> close(std::string_view bucket,
                                         Contents contents = Contents::Refuse);

  // For Removal. Which buckets are closed.
  [[nodiscard]] ClosedBuckets& closed();
  // The bucket was not deleted.
  void reopen(const ClosedBuckets::Unsettled& bucket);
  // Removes some of the objects and unfinished uploads that a deleted bucket left. False: there are
  // no more.
  [[nodiscard]] Result<bool> remove_some(std::string_view bucket);
  // Nothing is left of it.
  [[nodiscard]] Status finish_removal(const ClosedBuckets::Unsettled& bucket);

  // Multipart uploads.
  // Notes what the key holds now: a conditional completion must find it so.
  [[nodiscard]] Status begin_upload(std::string_view bucket, UploadInfo upload);
  [[nodiscard]] Result<UploadInfo> find_upload(std::string_view bucket,
                                               std::string_view key,
                                               std::string_view id);
  [[nodiscard]] Status put_part(std::string_view bucket,
                                std::string_view key,
                                std::string_view id,
                                StagedFile file,
                                PartInfo part);
  [[nodiscard]] Result<std::vector<PartInfo>> parts(std::string_view id);
  // Shows the bucket's uploads in progress, by key and then id, from the first key that is not less
  // than `from`, until `visit` answers false. There may be more than memory should hold.
  [[nodiscard]] Status each_upload(std::string_view bucket,
                                   std::string_view from,
                                   const std::function<bool(UploadInfo)>& visit);
  // Nothing if the bucket has no upload with this id.
  [[nodiscard]] Result<std::optional<std::string>> key_of_upload(std::string_view bucket,
                                                                 std::string_view id);
  [[nodiscard]] Result<UniqueFd> open_part(const PartInfo& part);
  [[nodiscard]] Status abort_upload(std::string_view bucket,
                                    std::string_view key,
                                    std::string_view id);
  // put(), and the upload is gone with all its parts. ConditionalRequestConflict if there is a
  // condition and the key was written or deleted since the upload began.
  [[nodiscard]] Status complete_upload(std::string_view bucket,
                                       std::string_view id,
                                       StagedFile file,
                                       ObjectInfo info,
                                       const WriteCondition& condition);

  // A name for an upload. Names of later uploads are greater, so that listings have them in the
  // order in which they were begun.
  [[nodiscard]] std::string new_upload_id(Instant now) const;

  // Fixes the state of this moment, for a copy; `together` runs at the same moment. Quick: writes
  // wait for no more than that.
  [[nodiscard]] Result<std::unique_ptr<Moment>> hold_moment(
      const std::function<Status()>& together);

  // Forgets everything (servers whose state is thrown away).
  [[nodiscard]] Status clear();

 private:
  ObjectStore(ObjectFiles files, std::unique_ptr<impl::ObjectIndex> index);

  using Write = std::function<Status(impl::IndexWriter&, impl::Leftovers&)>;

  // Runs a write of the index; once it is durable, removes the files it says are not needed any
  // more.
  [[nodiscard]] Status commit(const Write& write);

  // The same for a write that only removes: on a full disk it gets the room that is kept for it.
  [[nodiscard]] Status commit_removal(const Write& write);

  ObjectFiles files_;
  std::unique_ptr<impl::ObjectIndex> index_;
};

}  // namespace signet::objects
