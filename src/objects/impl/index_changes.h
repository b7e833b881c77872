#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "objects/closed_buckets.h"
#include "objects/impl/object_index.h"
#include "objects/object_change.h"
#include "objects/object_info.h"
#include "objects/staged_file.h"
#include "objects/upload_info.h"

// What writes change in the index: each is part of one transaction, and leaves what its commit
// makes superfluous.
namespace signet::objects::impl {

// What a write leaves, once it is durable.
struct Leftovers {
  std::vector<std::string> files;    // that no record names any more
  std::vector<std::string> damaged;  // records that are gone; which, and what they named
  // The same of objects that were made of part files, by what stood for them.
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;

  template <class Record>
  void take(const Found<Record>& record) {
    if (record && *record) {
      files.push_back((*record)->file);
    } else if (record) {
      damaged.push_back(record->error().cause);
    }
  }
};

// What an object gets from the file that its bytes were staged in, which must be for it.
void take_file(const StagedFile& file, std::string_view bucket, ObjectInfo& info);

[[nodiscard]] std::int64_t signed_size(std::uint64_t size);

// What a record counts for a quota; a damaged one counts nothing.
template <class T>
[[nodiscard]] std::int64_t size_of(const Found<T>& record) {
  return record && *record ? signed_size((*record)->size) : 0;
}

// Whether a condition holds of what a key holds: PreconditionFailed, NoSuchKey. Of a damaged record
// none does.
[[nodiscard]] Status check_condition(std::string_view key,
                                     const Found<ObjectInfo>& present,
                                     const WriteCondition& condition);

// OperationAborted for a bucket that is being deleted.
[[nodiscard]] Status check_open(const ClosedBuckets& closed, std::string_view bucket);

// Puts the object and leaves what it replaces. `base`: of the upload that it comes from.
[[nodiscard]] Status put_object(IndexWriter& writer,
                                std::string_view bucket,
                                const ObjectInfo& info,
                                const WriteCondition& condition,
                                Versioning versioning,
                                const std::optional<std::string>& base,
                                Leftovers& left);

// Removes one version for ever.
[[nodiscard]] Result<Deleted> delete_version(IndexWriter& writer,
                                             std::string_view bucket,
                                             const Deletion& deletion,
                                             Leftovers& left);

// Removes a key's object, or puts a delete marker upon it.
[[nodiscard]] Result<Deleted> delete_object(IndexWriter& writer,
                                            std::string_view bucket,
                                            const Deletion& deletion,
                                            Versioning versioning,
                                            const ObjectInfo& marker,
                                            Leftovers& left);

// Erases the first objects of a bucket, `count` at most, and leaves their files. Answers how many
// went.
[[nodiscard]] Result<std::size_t> drop_objects(IndexWriter& writer,
                                               std::string_view bucket,
                                               std::size_t count,
                                               Leftovers& left);

// The same of its other versions.
[[nodiscard]] Result<std::size_t> drop_versions(IndexWriter& writer,
                                                std::string_view bucket,
                                                std::size_t count,
                                                Leftovers& left);

// Erases an upload with all its parts, whose files it names, or the first parts only where there
// are more than `count`. Answers how many records went.
[[nodiscard]] Result<std::size_t> drop_parts(IndexWriter& writer,
                                             std::string_view bucket,
                                             const UploadName& upload,
                                             std::size_t count,
                                             Leftovers& left);

// Erases the upload and leaves its parts.
[[nodiscard]] Status drop_upload(IndexWriter& writer,
                                 std::string_view bucket,
                                 const UploadName& upload,
                                 Leftovers& left);

// Erases the upload and those of its parts that are not among these. `kept`: in the order of their
// numbers.
[[nodiscard]] Status keep_parts(IndexWriter& writer,
                                std::string_view bucket,
                                const UploadInfo& upload,
                                std::span<const PartInfo> kept,
                                Leftovers& left);

// NoSuchUpload.
[[nodiscard]] Error no_such_upload(std::string_view id);

// The upload; NoSuchUpload.
[[nodiscard]] Result<UploadInfo> require_upload(IndexWriter& writer,
                                                std::string_view bucket,
                                                std::string_view key,
                                                std::string_view id);

}  // namespace signet::objects::impl
