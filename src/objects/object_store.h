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
#include "objects/closed_buckets.h"
#include "objects/disk_guard.h"
#include "objects/listing.h"
#include "objects/object_change.h"
#include "objects/object_files.h"
#include "objects/object_info.h"
#include "objects/open_object.h"
#include "objects/range.h"
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

// What happens to the objects of a bucket that is deleted.
enum class Contents : std::uint8_t { Refuse, Remove };

// Objects of all buckets: bytes in files, those of small encrypted objects and everything else in
// an index file beside them (docs/formats/objects.md). A write that was answered is on the disk;
// one that was not leaves nothing to see. Bucket ids are the caller's: a bucket that is deleted and
// made again must have another id. Thread-safe; calls block on the disk.
//
// A record of the index that is not what was written is S3InternalError to everybody who reads it.
// It can be overwritten and removed, on no condition; the log names it then, and the file that it
// names stays until the next start, which removes what no record names.
//
// Of each key there is at most one object, and in buckets that keep versions any number of other
// versions behind it; a delete marker in front of them hides them.
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
    // Keys under which those of new files are sealed, and with which encrypted files are read.
    // Null: bytes are stored in plain, and what is encrypted cannot be read.
    std::shared_ptr<const crypto::SecretBox> keys = nullptr;
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

  // An empty file to write an object or a part of `owner` into. SlowDown if there is no room for
  // `expected_bytes`.
  [[nodiscard]] Result<StagedFile> stage(FileOwner owner = {}, std::uint64_t expected_bytes = 0);

  // Whether what is stored from now on is encrypted.
  [[nodiscard]] bool encrypts() const { return files_.keys() != nullptr; }

  // The account whose quota a bucket's objects count for. Before its first use; at the start for
  // every bucket that there is.
  void own(std::string_view bucket, std::string_view account);

  // The disk that the objects are on.
  [[nodiscard]] const DiskGuard& disk() const { return files_.guard(); }

  // An id for a new version: empty, for the null version, unless versions are kept.
  [[nodiscard]] std::string new_version(Versioning versioning) const;

  // Makes the staged bytes the object info.key, in place of the one that was there, which stays as
  // a version where versions are kept. info.size, info.file and info.is_sealed are filled in;
  // info.version is from new_version(), of the same versioning. The file must have been staged for
  // this key.
  [[nodiscard]] Status put(std::string_view bucket,
                           StagedFile file,
                           ObjectInfo info,
                           const WriteCondition& condition,
                           Versioning versioning = Versioning::Off);

  // What to do with what is known of an object; an error leaves it as it is.
  using Amend = std::function<Status(ObjectInfo&)>;

  // Changes what is known of an object, or of a version of it (as find() has it), besides its
  // bytes, at once with the look at it. NoSuchKey; the errors of `amend`.
  [[nodiscard]] Status amend(std::string_view bucket,
                             std::string_view key,
                             std::string_view version,
                             const Amend& amend);

  // Whether an object of the bucket has tags (kTagsHeader), or had some once. Never blocks.
  [[nodiscard]] bool may_have_tags(std::string_view bucket) const;

  // Whether a condition holds now. A write decides it again, together with itself.
  [[nodiscard]] Status check(std::string_view bucket,
                             std::string_view key,
                             const WriteCondition& condition);

  // Nothing if there is no such object, or no such version of it (as shown_version() has it; empty:
  // the key's object). A version may be a delete marker, which has no bytes: it is not to be read.
  [[nodiscard]] Result<std::optional<ObjectInfo>> find(std::string_view bucket,
                                                       std::string_view key,
                                                       std::string_view version = {});
  // `customer_key`: for an object that was stored with one. Where another one is needed the object
  // comes without bytes (OpenObject::lacks_key); where none is, it is not used.
  [[nodiscard]] Result<std::optional<OpenObject>> open_object(
      std::string_view bucket,
      std::string_view key,
      std::string_view version = {},
      const CustomerKey& customer_key = nullptr);

  // The delete marker that hides a key without an object.
  [[nodiscard]] Result<std::optional<ObjectInfo>> find_marker(std::string_view bucket,
                                                              std::string_view key);

  // What open_object() lately said about an object, if it still holds and can be told at once.
  // Nothing: ask open_object(). Never blocks.
  [[nodiscard]] std::optional<ObjectInfo> known_object(std::string_view bucket,
                                                       std::string_view key);
  // A few bytes of a known object, which are those that were stored; nothing if only the disk has
  // them, or they are too many to be read without others noticing. Never blocks.
  [[nodiscard]] std::optional<std::string> read_known(std::string_view bucket,
                                                      const ObjectInfo& info,
                                                      const ByteRange& range) const;
  // Whether a known object's file is there, as long as it should be. False if only the disk can
  // say.
  [[nodiscard]] bool is_known_there(std::string_view bucket, const ObjectInfo& info) const;

  // Shows every object, by bucket and key. An error of the visitor ends the walk.
  [[nodiscard]] Status each_object(
      const std::function<Status(std::string_view bucket, const ObjectInfo&)>& visit);

  // Says for each record of the index that is not what was written which it is; each_object()
  // passes over it.
  [[nodiscard]] Status each_damaged_record(const std::function<void(std::string_view what)>& show);

  // Removes the objects that exist among these, at once. `condition` counts for a single key. Where
  // no versions are kept.
  [[nodiscard]] Status erase(std::string_view bucket,
                             std::span<const std::string> keys,
                             const WriteCondition& condition);

  // Carries out deletions, at once: a version is removed for ever, and the newest of what is left
  // is its key's object again; an object gets a delete marker put upon it where versions are kept.
  // Answers what became of each, in order. An error, of a condition too, has changed nothing; what
  // Deletion::keeps holds back is no error.
  [[nodiscard]] Result<std::vector<Deleted>> erase(std::string_view bucket,
                                                   std::span<const Deletion> deletions,
                                                   Versioning versioning,
                                                   Instant now);

  [[nodiscard]] Result<ListPage> list(std::string_view bucket, const ListQuery& query);

  // All versions and delete markers.
  [[nodiscard]] Result<VersionPage> list_versions(std::string_view bucket,
                                                  const VersionQuery& query);

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
  // InvalidPart if its file is gone.
  [[nodiscard]] Result<OpenObject> open_part(std::string_view bucket,
                                             std::string_view key,
                                             const PartInfo& part);
  [[nodiscard]] Status abort_upload(std::string_view bucket,
                                    std::string_view key,
                                    std::string_view id);
  // put(), and the upload is gone with all its parts. ConditionalRequestConflict if there is a
  // condition and the key was written or deleted since the upload began.
  [[nodiscard]] Status complete_upload(std::string_view bucket,
                                       std::string_view id,
                                       StagedFile file,
                                       ObjectInfo info,
                                       const WriteCondition& condition,
                                       Versioning versioning = Versioning::Off);
  // The same without touching a byte: the object is made of the files of these parts, each of which
  // must be encrypted and still be the upload's (InvalidPart). The others of the upload are gone.
  [[nodiscard]] Status complete_in_place(std::string_view bucket,
                                         std::string_view id,
                                         std::span<const PartInfo> parts,
                                         ObjectInfo info,
                                         const WriteCondition& condition,
                                         Versioning versioning = Versioning::Off);

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

  // Brings the staged bytes to their place, and notes in `info` where that is. Answers them where
  // it is the index, for IndexWriter::put_bytes().
  [[nodiscard]] Result<std::string> settle(StagedFile& file,
                                           std::string_view bucket,
                                           ObjectInfo& info);

  [[nodiscard]] std::shared_ptr<const OpenFile> known_file(std::string_view bucket,
                                                           const ObjectInfo& info) const;

  // Opens what a record names. Nothing if its file is gone: the record is not the newest any more.
  [[nodiscard]] Result<std::optional<OpenObject>> open_record(
      std::string_view bucket, const ObjectInfo& info, const CustomerKey& customer_key = nullptr);

  // The same for a write that only removes: on a full disk it gets the room that is kept for it.
  [[nodiscard]] Status commit_removal(const Write& write);

  ObjectFiles files_;
  std::unique_ptr<impl::ObjectIndex> index_;
};

}  // namespace signet::objects
