#include "objects/object_store.h"

#include <cerrno>
#include <unordered_set>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "objects/cached_file.h"
#include "objects/impl/index_file.h"
#include "objects/impl/index_rows.h"
#include "objects/impl/object_index.h"

namespace signet::objects {

// What a write leaves, once it is durable.
struct impl::Leftovers {
  std::vector<std::string> files;    // that no record names any more
  std::vector<std::string> damaged;  // records that are gone; which, and what they named

  template <class Record>
  void take(const Found<Record>& record) {
    if (record && *record) {
      files.push_back((*record)->file);
    } else if (record) {
      damaged.push_back(record->error().cause);
    }
  }
};

namespace {

using impl::Found;
using impl::IndexWriter;
using impl::Leftovers;
using impl::ObjectIndex;
using impl::UploadName;

// Records that a removal takes out in one write: about as many as an ordinary call may.
constexpr std::size_t kRemovedAtOnce = 64;

// The keys of one bucket as the scan statement of a reader yields them.
class IndexCursor final : public KeyCursor {
 public:
  IndexCursor(ObjectIndex::Lease reader, std::string_view bucket)
      : reader_(std::move(reader)), bucket_(bucket) {}

  Status seek(std::string_view from) override {
    reader_->scan().reset();
    reader_->scan().bind(1, bucket_).bind(2, from);
    return next();
  }

  Status next() override {
    is_at_end_ = !TRY(reader_->scan().step());
    return {};
  }

  [[nodiscard]] bool at_end() const override { return is_at_end_; }

  [[nodiscard]] std::string_view key() const override { return reader_->scan().bytes(0); }

  [[nodiscard]] Result<ObjectInfo> info() const override {
    return impl::object_of(reader_->scan());
  }

 private:
  ObjectIndex::Lease reader_;
  std::string bucket_;
  bool is_at_end_ = true;
};

std::int64_t signed_size(std::uint64_t size) {
  return static_cast<std::int64_t>(size);
}

Error precondition_failed(std::string_view condition) {
  Error error = facts::make_error(ErrorCode::PreconditionFailed);
  error.fields.emplace_back("Condition", condition);
  return error;
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

// What a record counts for a quota; a damaged one counts nothing.
template <class T>
std::int64_t size_of(const Found<T>& record) {
  return record && *record ? signed_size((*record)->size) : 0;
}

// Puts the object and leaves what it replaces. `base`: of the upload that it comes from.
Status put_object(IndexWriter& writer,
                  std::string_view bucket,
                  const ObjectInfo& info,
                  const WriteCondition& condition,
                  const std::optional<std::string>& base,
                  Leftovers& left) {
  const Found<ObjectInfo> present = TRY(writer.find(bucket, info.key));
  TRY_STATUS(check_condition(info.key, present, condition));
  TRY_STATUS(check_undisturbed(base, present, info, condition));
  TRY_STATUS(writer.use({.bucket = std::string(bucket),
                         .bytes = signed_size(info.size) - size_of(present),
                         .objects = present ? 0 : 1}));
  TRY_STATUS(writer.put(bucket, info));
  left.take(present);
  return {};
}

// Erases the first objects of a bucket, `count` at most, and leaves their files. Answers how many
// went.
Result<std::size_t> drop_objects(IndexWriter& writer,
                                 std::string_view bucket,
                                 std::size_t count,
                                 Leftovers& left) {
  const std::vector<impl::FoundObject> objects = TRY(writer.first_objects(bucket, count));
  UsageChange change{.bucket = std::string(bucket)};
  for (const impl::FoundObject& found : objects) {
    const Found<ObjectInfo> object = found.object;
    TRY_STATUS(writer.erase(bucket, found.key));
    change.bytes -= size_of(object);
    change.objects -= 1;
    left.take(object);
  }
  TRY_STATUS(writer.use(std::move(change)));
  return objects.size();
}

// Erases an upload with all its parts, whose files it names, or the first parts only where there
// are more than `count`. Answers how many records went.
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

// Erases the upload and leaves its parts.
Status drop_upload(IndexWriter& writer,
                   std::string_view bucket,
                   const UploadName& upload,
                   Leftovers& left) {
  constexpr std::size_t kAll = 10'001;  // more parts than an upload can have
  static_cast<void>(TRY(drop_parts(writer, bucket, upload, kAll, left)));
  return {};
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

}  // namespace

ObjectStore::ObjectStore(ObjectFiles files, std::unique_ptr<ObjectIndex> index)
    : files_(std::move(files)), index_(std::move(index)) {}

ObjectStore::~ObjectStore() = default;

Result<std::unique_ptr<ObjectStore>> ObjectStore::open(Options options, Random& random) {
  auto guard = std::make_shared<const DiskGuard>(
      DiskGuard::Options{.folder = options.folder,
                         .reserve = options.disk_reserve.value_or(0),
                         .is_on = options.disk_reserve.has_value()});
  ObjectFiles files(std::move(options.folder), options.is_durable, random, guard);
  const std::string index_path = files.folder() + "/index.db";
  if (!options.id.empty()) {
    TRY_STATUS(impl::check_index_file(index_path));
  }
  TRY_STATUS(files.prepare());
  TRY_STATUS(impl::make_private_index(index_path));
  const ObjectIndex::Options index_options{
      .is_durable = options.is_durable, .may_make = options.id.empty(), .quota = options.quota};
  Result<std::unique_ptr<ObjectIndex>> opened =
      ObjectIndex::open(index_path, index_options, random);
  if (!opened && opened.error().code == ErrorCode::SlowDown) {
    guard->release_ballast();
    opened = ObjectIndex::open(index_path, index_options, random);
  }
  std::unique_ptr<ObjectIndex> index = TRY(std::move(opened));
  if (!options.id.empty() && index->id() != options.id) {
    return std::unexpected(impl::storage_error(
        concat("the index of the objects, ",
               index_path,
               ", is that of another folder: restore the whole folder from a backup")));
  }
  guard->keep_ballast();
  if (index->needs_sweep()) {
    const ObjectIndex::Lease reader = TRY(index->reader());
    const std::vector<std::string> names = TRY(reader->all_files());
    const std::unordered_set<std::string> known(names.begin(), names.end());
    files.sweep([&](const std::string& name) { return known.contains(name); });
  }
  return std::unique_ptr<ObjectStore>(new ObjectStore(std::move(files), std::move(index)));
}

std::string ObjectStore::id() const {
  return index_->id();
}

Status ObjectStore::put(std::string_view bucket,
                        StagedFile file,
                        ObjectInfo info,
                        const WriteCondition& condition) {
  info.size = file.size();
  info.file = file.name();
  TRY_STATUS(file.settle());
  const Status done = commit([&](IndexWriter& writer, Leftovers& left) -> Status {
    TRY_STATUS(check_open(closed(), bucket));
    return put_object(writer, bucket, info, condition, std::nullopt, left);
  });
  if (done) {
    file.forget();
  }
  return done;
}

Status ObjectStore::amend(std::string_view bucket, std::string_view key, const Amend& amend) {
  return commit([&](IndexWriter& writer, Leftovers& /*left*/) -> Status {
    TRY_STATUS(check_open(closed(), bucket));
    const Found<ObjectInfo> present = TRY(writer.find(bucket, key));
    if (!present) {
      Error error = facts::make_error(ErrorCode::NoSuchKey);
      error.fields.emplace_back("Key", key);
      return std::unexpected(std::move(error));
    }
    ObjectInfo info = TRY(Result<ObjectInfo>(*present));
    TRY_STATUS(amend(info));
    return writer.put(bucket, info);
  });
}

bool ObjectStore::may_have_tags(std::string_view bucket) const {
  return index_->tagged().contains(bucket);
}

Result<std::optional<ObjectInfo>> ObjectStore::find(std::string_view bucket, std::string_view key) {
  return TRY(index_->reader())->find(bucket, key);
}

Status ObjectStore::check(std::string_view bucket,
                          std::string_view key,
                          const WriteCondition& condition) {
  if (!condition.is_set()) {
    return {};
  }
  std::optional<ObjectInfo> present = TRY(find(bucket, key));
  return check_condition(
      key, present ? Found<ObjectInfo>(*std::move(present)) : std::nullopt, condition);
}

std::optional<ObjectInfo> ObjectStore::known_object(std::string_view bucket, std::string_view key) {
  return index_->cache().find(bucket, key);
}

UniqueFd ObjectStore::open_known(const ObjectInfo& info) const {
  return open_if_cached(files_.data_path(info.file));
}

Result<std::optional<OpenObject>> ObjectStore::open_object(std::string_view bucket,
                                                           std::string_view key) {
  // Between the look into the index and open() the object may be replaced and its file be gone:
  // look again.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::uint64_t generation = index_->cache().generation();
    std::optional<ObjectInfo> info = TRY(find(bucket, key));
    if (!info) {
      return std::nullopt;
    }
    UniqueFd fd(::open(files_.data_path(info->file).c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.valid()) {
      index_->cache().keep(generation, bucket, *info);
      return OpenObject{.info = *std::move(info), .fd = std::move(fd)};
    }
    if (errno != ENOENT) {
      break;
    }
  }
  return std::unexpected(impl::storage_error("the file of an object cannot be opened"));
}

Status ObjectStore::each_object(
    const std::function<Status(std::string_view, const ObjectInfo&)>& visit) {
  return TRY(index_->reader())->each_object(visit);
}

Status ObjectStore::each_damaged_record(const std::function<void(std::string_view)>& show) {
  return TRY(index_->reader())->each_damaged(show);
}

Status ObjectStore::erase(std::string_view bucket,
                          std::span<const std::string> keys,
                          const WriteCondition& condition) {
  return commit_removal([&](IndexWriter& writer, Leftovers& left) -> Status {
    for (const std::string& key : keys) {
      const Found<ObjectInfo> present = TRY(writer.find(bucket, key));
      TRY_STATUS(check_condition(key, present, condition));
      if (present) {
        TRY_STATUS(writer.erase(bucket, key));
        TRY_STATUS(
            writer.use({.bucket = std::string(bucket), .bytes = -size_of(present), .objects = -1}));
        left.take(present);
      }
    }
    return {};
  });
}

Result<ListPage> ObjectStore::list(std::string_view bucket, const ListQuery& query) {
  IndexCursor cursor(TRY(index_->reader()), bucket);
  return list_page(cursor, query);
}

Result<BucketHold> ObjectStore::close(std::string_view bucket, Contents contents) {
  std::optional<BucketHold> hold;
  const Status done = commit_removal([&](IndexWriter& writer, Leftovers& /*left*/) -> Status {
    if (contents == Contents::Refuse && TRY(writer.has_objects(bucket))) {
      return std::unexpected(facts::make_error(ErrorCode::BucketNotEmpty));
    }
    TRY_STATUS(writer.note_removal(bucket));
    // Inside the write: whatever comes after it finds the bucket closed.
    if (!hold) {
      hold.emplace(closed(), bucket);
    }
    return {};
  });
  TRY_STATUS(done);
  return *std::move(hold);
}

ClosedBuckets& ObjectStore::closed() {
  return index_->closed();
}

void ObjectStore::reopen(const ClosedBuckets::Unsettled& bucket) {
  closed().open(bucket);
  const Status forgotten = index_->write([&](IndexWriter& writer) -> Status {
    return closed().contains(bucket.bucket) ? Status() : writer.forget_removal(bucket.bucket);
  });
  // A note that stays is looked at after the next start, with the same result.
  static_cast<void>(forgotten);
}

Result<bool> ObjectStore::remove_some(std::string_view bucket) {
  bool is_more = false;
  const Status done = commit_removal([&](IndexWriter& writer, Leftovers& left) -> Status {
    is_more = false;
    std::size_t more = kRemovedAtOnce;
    more -= TRY(drop_objects(writer, bucket, more, left));
    while (more > 0) {
      const std::optional<UploadName> upload = TRY(writer.first_upload(bucket));
      if (!upload) {
        return {};
      }
      more -= TRY(drop_parts(writer, bucket, *upload, more, left));
    }
    is_more = true;
    return {};
  });
  TRY_STATUS(done);
  return is_more;
}

Status ObjectStore::finish_removal(const ClosedBuckets::Unsettled& bucket) {
  TRY_STATUS(commit_removal([&](IndexWriter& writer, Leftovers& /*left*/) -> Status {
    return writer.forget_removal(bucket.bucket);
  }));
  closed().keep_closed(bucket);
  return {};
}

std::string ObjectStore::new_upload_id(Instant now) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id(12, '0');
  auto left = static_cast<std::uint64_t>(now.unix_ms);
  for (auto digit = id.rbegin(); digit != id.rend(); ++digit, left >>= 4U) {
    *digit = kDigits[left & 0xFU];
  }
  return id + files_.new_name();
}

Status ObjectStore::begin_upload(std::string_view bucket, UploadInfo upload) {
  TRY_STATUS(files_.guard().admit(0));
  return index_->write([&](IndexWriter& writer) -> Status {
    TRY_STATUS(check_open(closed(), bucket));
    const Found<ObjectInfo> present = TRY(writer.find(bucket, upload.key));
    upload.base.reset();  // not known, if the record is damaged
    if (!present || *present) {
      upload.base = present ? (*present)->file : std::string();
    }
    TRY_STATUS(writer.use({.bucket = std::string(bucket), .objects = 1, .uploads = 1}));
    return writer.put_upload(bucket, upload);
  });
}

Result<UploadInfo> ObjectStore::find_upload(std::string_view bucket,
                                            std::string_view key,
                                            std::string_view id) {
  const ObjectIndex::Lease reader = TRY(index_->reader());
  std::optional<UploadInfo> upload = TRY(reader->find_upload(bucket, key, id));
  return upload ? Result<UploadInfo>(*std::move(upload)) : std::unexpected(no_such_upload(id));
}

Status ObjectStore::put_part(std::string_view bucket,
                             std::string_view key,
                             std::string_view id,
                             StagedFile file,
                             PartInfo part) {
  part.size = file.size();
  part.file = file.name();
  TRY_STATUS(file.settle());
  const Status done = commit([&](IndexWriter& writer, Leftovers& left) -> Status {
    TRY_STATUS(check_open(closed(), bucket));
    TRY_STATUS(require_upload(writer, bucket, key, id));
    const Found<PartInfo> present = TRY(writer.find_part(id, part.number));
    TRY_STATUS(writer.use(
        {.bucket = std::string(bucket), .bytes = signed_size(part.size) - size_of(present)}));
    left.take(present);
    return writer.put_part(id, part);
  });
  if (done) {
    file.forget();
  }
  return done;
}

Result<std::vector<PartInfo>> ObjectStore::parts(std::string_view id) {
  return TRY(index_->reader())->parts(id);
}

Status ObjectStore::each_upload(std::string_view bucket,
                                std::string_view from,
                                const std::function<bool(UploadInfo)>& visit) {
  return TRY(index_->reader())->each_upload(bucket, from, visit);
}

Result<std::optional<std::string>> ObjectStore::key_of_upload(std::string_view bucket,
                                                              std::string_view id) {
  return TRY(index_->reader())->key_of_upload(bucket, id);
}

Result<UniqueFd> ObjectStore::open_part(const PartInfo& part) {
  UniqueFd fd(::open(files_.data_path(part.file).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    // The upload was completed, aborted, or the part replaced meanwhile.
    return std::unexpected(facts::make_error(ErrorCode::InvalidPart));
  }
  return fd;
}

Status ObjectStore::abort_upload(std::string_view bucket,
                                 std::string_view key,
                                 std::string_view id) {
  return commit_removal([&](IndexWriter& writer, Leftovers& left) -> Status {
    const Found<UploadInfo> upload = TRY(writer.find_upload(bucket, key, id));
    if (!upload) {
      return std::unexpected(no_such_upload(id));
    }
    if (!*upload) {
      left.damaged.push_back(upload->error().cause);
    }
    return drop_upload(writer, bucket, {.key = std::string(key), .id = std::string(id)}, left);
  });
}

Status ObjectStore::complete_upload(std::string_view bucket,
                                    std::string_view id,
                                    StagedFile file,
                                    ObjectInfo info,
                                    const WriteCondition& condition) {
  info.size = file.size();
  info.file = file.name();
  info.upload = id;
  TRY_STATUS(file.settle());
  const Status done = commit([&](IndexWriter& writer, Leftovers& left) -> Status {
    TRY_STATUS(check_open(closed(), bucket));
    const UploadInfo upload = TRY(require_upload(writer, bucket, info.key, id));
    // The parts go first, so that what is counted does not hold them twice.
    TRY_STATUS(drop_upload(writer, bucket, {.key = upload.key, .id = upload.id}, left));
    return put_object(writer, bucket, info, condition, upload.base, left);
  });
  if (done) {
    file.forget();
  }
  return done;
}

Status ObjectStore::clear() {
  TRY_STATUS(index_->clear());
  files_.sweep([](const std::string&) { return false; });
  return {};
}

Status ObjectStore::commit(const Write& write) {
  Leftovers left;
  TRY_STATUS(index_->write([&](IndexWriter& writer) {
    left = {};
    return write(writer, left);
  }));
  for (const std::string& name : left.files) {
    files_.remove(name);
  }
  // What a damaged record says is its file may be another object's: only who looks at all records
  // can tell.
  for (const std::string& record : left.damaged) {
    index_->owe_sweep();
    log(LogLevel::Error, "damaged_record_removed", {{"record", record}});
  }
  return {};
}

Status ObjectStore::commit_removal(const Write& write) {
  Status done = commit(write);
  if (!done && done.error().code == ErrorCode::SlowDown) {
    files_.guard().release_ballast();
    index_->checkpoint();
    done = commit(write);
  }
  return done;
}

void ObjectStore::own(std::string_view bucket, std::string_view account) {
  index_->usage().own(bucket, account);
}

}  // namespace signet::objects
