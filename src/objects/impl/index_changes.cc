#include "objects/impl/index_changes.h"

#include <utility>

#include "base/assertion.h"
#include "facts/errors.h"
#include "objects/object_info.h"

namespace signet::objects::impl {
namespace {

constexpr std::size_t kAllParts = 10'001;  // more than an upload can have

Error precondition_failed(std::string_view condition) {
  Error error = facts::make_error(ErrorCode::PreconditionFailed);
  error.fields.emplace_back("Condition", condition);
  return error;
}

// Whether a conditional write is decided on what the upload began with. `base`: see UploadInfo.
Status check_undisturbed(const std::optional<std::string>& base,
                         const Found<ObjectInfo>& present,
                         const ObjectInfo& info,
                         const WriteCondition& condition) {
  const bool is_there = present && present->has_value();
  const std::string_view now = is_there ? std::string_view((*present)->file) : std::string_view();
  if (!condition.is_set() || !base || *base == now) {
    return {};
  }
  Error error = facts::make_error(ErrorCode::ConditionalRequestConflict);
  error.fields.emplace_back("Condition", condition.must_be_absent ? "If-None-Match" : "If-Match");
  error.fields.emplace_back("Key", info.key);
  return std::unexpected(std::move(error));
}

// Leaves the files of an object or version whose record goes.
Status leave(IndexWriter& writer, const Found<ObjectInfo>& object, Leftovers& left) {
  if (object && *object && is_in_index(**object)) {
    return writer.erase_bytes((*object)->file);
  }
  if (!object || !*object || !has_part_files(**object)) {
    if (!object || !*object || !(*object)->is_marker) {
      left.take(object);
    }
    return {};
  }
  const ObjectInfo& info = **object;
  Leftovers parts;
  for (const impl::FoundPart& found : TRY(writer.first_parts(info.upload, kAllParts))) {
    parts.take(Found<PartInfo>(found.part));
    TRY_STATUS(writer.erase_part(info.upload, found.number));
  }
  left.groups.emplace_back(info.file, std::move(parts.files));
  left.damaged.insert(left.damaged.end(), parts.damaged.begin(), parts.damaged.end());
  return {};
}

// What a record that goes gives back of a quota. Delete markers count nothing.
void give_back(UsageChange& change, const Found<ObjectInfo>& object) {
  if (object && (!*object || !(*object)->is_marker)) {
    change.bytes -= size_of(object);
    change.objects -= 1;
  }
}

// Removes a version that is not its key's object.
Status drop_version(IndexWriter& writer,
                    std::string_view bucket,
                    const impl::FoundVersion& version,
                    UsageChange& change,
                    Leftovers& left) {
  const Found<ObjectInfo> object = version.object;
  give_back(change, object);
  TRY_STATUS(writer.erase_version(bucket, version.key, version.rank));
  return leave(writer, object, left);
}

// Makes room in front of a key's versions: its object becomes one of them, or goes where it is the
// null version and another null version comes. A record that is damaged goes in any case: as a
// version it would have to be written, and be believed then.
Status retire_object(IndexWriter& writer,
                     std::string_view bucket,
                     std::string_view key,
                     const Found<ObjectInfo>& present,
                     Versioning versioning,
                     UsageChange& change,
                     Leftovers& left) {
  const bool stays = versioning != Versioning::Off && present && *present &&
                     (versioning == Versioning::Enabled || !(*present)->version.empty());
  if (stays) {
    TRY_STATUS(writer.put_version(bucket, **present));
  } else {
    give_back(change, present);
    TRY_STATUS(leave(writer, present, left));
  }
  if (versioning == Versioning::Suspended) {
    if (const auto null_version = TRY(writer.find_version(bucket, key, kNullVersion))) {
      TRY_STATUS(drop_version(writer, bucket, *null_version, change, left));
    }
  }
  return {};
}

// After the newest of a key's versions went: what is in front now is its object, unless that is a
// delete marker, or damaged.
Status promote_newest(IndexWriter& writer, std::string_view bucket, std::string_view key) {
  const auto newest = TRY(writer.newest_version(bucket, key));
  if (!newest || !newest->object || newest->object->is_marker) {
    return {};
  }
  TRY_STATUS(writer.erase_version(bucket, key, newest->rank));
  return writer.put(bucket, *newest->object);
}

}  // namespace

void take_file(const StagedFile& file, std::string_view bucket, ObjectInfo& info) {
  SIGNET_ASSERT(file.is_for(bucket, info.key));
  info.size = file.size();
  info.file = file.name();
  info.is_sealed = file.form() == FileForm::Sealed;
}

std::int64_t signed_size(std::uint64_t size) {
  return static_cast<std::int64_t>(size);
}

Status check_condition(std::string_view key,
                       const Found<ObjectInfo>& present,
                       const WriteCondition& condition) {
  if (!condition.is_set()) {
    return {};
  }
  if (present && !*present) {
    return std::unexpected(present->error());  // nobody knows what it was
  }
  if (condition.must_be_absent && present) {
    return std::unexpected(precondition_failed("If-None-Match"));
  }
  if (condition.must_match.empty()) {
    return {};
  }
  if (!present) {
    Error error = facts::make_error(ErrorCode::NoSuchKey);
    error.fields.emplace_back("Key", key);
    return std::unexpected(std::move(error));
  }
  const bool is_match = condition.must_match == "*" || condition.must_match == (*present)->etag;
  return is_match ? Status() : std::unexpected(precondition_failed("If-Match"));
}

Status check_open(const ClosedBuckets& closed, std::string_view bucket) {
  return closed.contains(bucket) ? std::unexpected(facts::make_error(ErrorCode::OperationAborted))
                                 : Status();
}

Status put_object(IndexWriter& writer,
                  std::string_view bucket,
                  const ObjectInfo& info,
                  const WriteCondition& condition,
                  Versioning versioning,
                  const std::optional<std::string>& base,
                  Leftovers& left) {
  const Found<ObjectInfo> present = TRY(writer.find(bucket, info.key));
  TRY_STATUS(check_condition(info.key, present, condition));
  TRY_STATUS(check_undisturbed(base, present, info, condition));
  UsageChange change{.bucket = std::string(bucket), .bytes = signed_size(info.size), .objects = 1};
  TRY_STATUS(retire_object(writer, bucket, info.key, present, versioning, change, left));
  TRY_STATUS(writer.use(std::move(change)));
  return writer.put(bucket, info);
}

Result<Deleted> delete_version(IndexWriter& writer,
                               std::string_view bucket,
                               const Deletion& deletion,
                               Leftovers& left) {
  const std::string& key = deletion.key;
  UsageChange change{.bucket = std::string(bucket)};
  Deleted out{.version = deletion.version, .is_marker = false};
  const Found<ObjectInfo> present = TRY(writer.find(bucket, key));
  const bool is_present =
      present && (*present ? shown_version(**present) : kNullVersion) == deletion.version;
  const auto stays = [&](const Found<ObjectInfo>& object) {
    // One that is damaged cannot say that nothing protects it.
    return deletion.keeps && object && (!*object || deletion.keeps(**object));
  };
  if (is_present) {
    TRY_STATUS(check_condition(key, present, deletion.condition));
    if (stays(present)) {
      return Deleted{.version = deletion.version, .is_kept = true};
    }
    give_back(change, present);
    TRY_STATUS(writer.erase(bucket, key));
    TRY_STATUS(leave(writer, present, left));
    TRY_STATUS(promote_newest(writer, bucket, key));
  } else {
    const auto version = TRY(writer.find_version(bucket, key, deletion.version));
    TRY_STATUS(check_condition(
        key, version ? Found<ObjectInfo>(version->object) : std::nullopt, deletion.condition));
    if (version && stays(Found<ObjectInfo>(version->object))) {
      return Deleted{.version = deletion.version, .is_kept = true};
    }
    if (version) {
      out.is_marker = version->object && version->object->is_marker;
      TRY_STATUS(drop_version(writer, bucket, *version, change, left));
      TRY_STATUS(present ? Status() : promote_newest(writer, bucket, key));
    }
  }
  TRY_STATUS(writer.use(std::move(change)));
  return out;
}

Result<Deleted> delete_object(IndexWriter& writer,
                              std::string_view bucket,
                              const Deletion& deletion,
                              Versioning versioning,
                              const ObjectInfo& marker,
                              Leftovers& left) {
  const Found<ObjectInfo> present = TRY(writer.find(bucket, deletion.key));
  TRY_STATUS(check_condition(deletion.key, present, deletion.condition));
  const bool is_another = !deletion.only_file.empty() &&
                          (!present || !*present || (*present)->file != deletion.only_file);
  if (is_another || (versioning == Versioning::Off && !present)) {
    return Deleted();
  }
  UsageChange change{.bucket = std::string(bucket)};
  TRY_STATUS(retire_object(writer, bucket, deletion.key, present, versioning, change, left));
  if (present) {
    TRY_STATUS(writer.erase(bucket, deletion.key));
  }
  TRY_STATUS(writer.use(std::move(change)));
  if (versioning == Versioning::Off) {
    return Deleted();
  }
  TRY_STATUS(writer.put_version(bucket, marker));
  return Deleted{.version = std::string(shown_version(marker)), .is_marker = true};
}

Result<std::size_t> drop_objects(IndexWriter& writer,
                                 std::string_view bucket,
                                 std::size_t count,
                                 Leftovers& left) {
  const std::vector<impl::FoundObject> objects = TRY(writer.first_objects(bucket, count));
  UsageChange change{.bucket = std::string(bucket)};
  for (const impl::FoundObject& found : objects) {
    const Found<ObjectInfo> object = found.object;
    TRY_STATUS(writer.erase(bucket, found.key));
    give_back(change, object);
    TRY_STATUS(leave(writer, object, left));
  }
  TRY_STATUS(writer.use(std::move(change)));
  return objects.size();
}

Result<std::size_t> drop_versions(IndexWriter& writer,
                                  std::string_view bucket,
                                  std::size_t count,
                                  Leftovers& left) {
  const std::vector<impl::FoundVersion> versions = TRY(writer.first_versions(bucket, count));
  UsageChange change{.bucket = std::string(bucket)};
  for (const impl::FoundVersion& version : versions) {
    TRY_STATUS(drop_version(writer, bucket, version, change, left));
  }
  TRY_STATUS(writer.use(std::move(change)));
  return versions.size();
}

Result<std::size_t> drop_parts(IndexWriter& writer,
                               std::string_view bucket,
                               const UploadName& upload,
                               std::size_t count,
                               Leftovers& left) {
  const std::vector<impl::FoundPart> parts = TRY(writer.first_parts(upload.id, count));
  UsageChange change{.bucket = std::string(bucket)};
  for (const impl::FoundPart& found : parts) {
    const Found<PartInfo> part = found.part;
    change.bytes -= size_of(part);
    left.take(part);
  }
  const bool is_last = parts.size() < count;
  change.objects = change.uploads = is_last ? -1 : 0;
  TRY_STATUS(writer.use(std::move(change)));
  if (is_last) {
    TRY_STATUS(writer.erase_upload(bucket, upload.key, upload.id));
    return parts.size() + 1;
  }
  TRY_STATUS(writer.erase_parts(upload.id, parts.back().number));
  return parts.size();
}

Status drop_upload(IndexWriter& writer,
                   std::string_view bucket,
                   const UploadName& upload,
                   Leftovers& left) {
  static_cast<void>(TRY(drop_parts(writer, bucket, upload, kAllParts, left)));
  return {};
}

Status keep_parts(IndexWriter& writer,
                  std::string_view bucket,
                  const UploadInfo& upload,
                  std::span<const PartInfo> kept,
                  Leftovers& left) {
  UsageChange change{.bucket = std::string(bucket), .objects = -1, .uploads = -1};
  for (const impl::FoundPart& found : TRY(writer.first_parts(upload.id, kAllParts))) {
    const Found<PartInfo> part = found.part;
    change.bytes -= size_of(part);
    if (!kept.empty() && found.number == kept.front().number) {
      if (!found.part || found.part->file != kept.front().file) {
        break;  // another one took its place
      }
      kept = kept.subspan(1);
      continue;
    }
    left.take(part);
    TRY_STATUS(writer.erase_part(upload.id, found.number));
  }
  if (!kept.empty()) {
    return std::unexpected(facts::make_error(ErrorCode::InvalidPart));
  }
  TRY_STATUS(writer.use(std::move(change)));
  return writer.erase_upload_alone(bucket, upload.key, upload.id);
}

Error no_such_upload(std::string_view id) {
  Error error = facts::make_error(ErrorCode::NoSuchUpload);
  error.fields.emplace_back("UploadId", id);
  return error;
}

Result<UploadInfo> require_upload(IndexWriter& writer,
                                  std::string_view bucket,
                                  std::string_view key,
                                  std::string_view id) {
  Found<UploadInfo> upload = TRY(writer.find_upload(bucket, key, id));
  return upload ? *std::move(upload) : std::unexpected(no_such_upload(id));
}

}  // namespace signet::objects::impl
