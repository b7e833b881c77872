#include "objects/object_store.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/assertion.h"
#include "base/log.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "objects/file_reader.h"
#include "objects/impl/index_changes.h"
#include "objects/impl/index_file.h"
#include "objects/impl/index_rows.h"
#include "objects/impl/object_index.h"
#include "objects/sealed_file.h"
#include "objects/stored_bytes.h"

namespace signet::objects {

namespace {

using impl::Found;
using impl::IndexWriter;
using impl::Leftovers;
using impl::ObjectIndex;
using impl::UploadName;

// Records that a removal takes out in one write: about as many as an ordinary call may.
constexpr std::size_t kRemovedAtOnce = 64;

constexpr int kStepsBeforeSearch = 4;

// So much is decrypted, or compared with its checksum, on an event loop at most.
constexpr std::uint64_t kKnownBytesMax = 16UL * 1024;

// The keys of one bucket as the scan statement of a reader yields them.
class IndexCursor final : public KeyCursor {
 public:
  IndexCursor(ObjectIndex::Lease reader, std::string_view bucket)
      : reader_(std::move(reader)), bucket_(bucket) {}

  Status seek(std::string_view from) override {
    // What is looked for mostly lies near: a step costs a fraction of a search.
    for (int steps = 0; steps < kStepsBeforeSearch && !is_at_end_ && key() < from; ++steps) {
      TRY_STATUS(next());
    }
    if (is_begun_ && (is_at_end_ || key() >= from)) {
      return {};
    }
    is_begun_ = true;
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
  bool is_begun_ = false;
  bool is_at_end_ = true;
};

// The versions of one bucket as the scan statement of a reader yields them.
class IndexVersionCursor final : public VersionCursor {
 public:
  IndexVersionCursor(ObjectIndex::Lease reader, std::string_view bucket)
      : reader_(std::move(reader)), bucket_(bucket) {}

  Status seek(std::string_view key, std::int64_t rank) override {
    reader_->version_scan().reset();
    reader_->version_scan().bind(1, bucket_).bind(2, key).bind(3, rank);
    return next();
  }

  Status next() override {
    is_at_end_ = !TRY(reader_->version_scan().step());
    return {};
  }

  [[nodiscard]] bool at_end() const override { return is_at_end_; }

  [[nodiscard]] std::string_view key() const override { return reader_->version_scan().bytes(0); }

  [[nodiscard]] Result<ObjectInfo> info() const override {
    return impl::version_of(reader_->version_scan());
  }

 private:
  ObjectIndex::Lease reader_;
  std::string bucket_;
  bool is_at_end_ = true;
};

FileForm form_of(const ObjectInfo& info) {
  return info.is_sealed ? FileForm::Sealed : FileForm::Plain;
}

// What the index has of an object where that is little: the disk is not asked for it again.
std::shared_ptr<const OpenFile> to_remember(const OpenObject& object) {
  if (!is_in_index(object.info) || object.info.size > kKnownBytesMax ||
      !stored_mark(object.info.headers).empty()) {
    return nullptr;
  }
  return std::make_shared<const OpenFile>(
      OpenFile{.fd = UniqueFd(), .key = object.file.key, .indexed = object.file.indexed});
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
  ObjectFiles files(
      std::move(options.folder), options.is_durable, random, guard, std::move(options.keys));
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
    TRY_STATUS(index->sweep_bytes());
  }
  return std::unique_ptr<ObjectStore>(new ObjectStore(std::move(files), std::move(index)));
}

std::string ObjectStore::id() const {
  return index_->id();
}

Result<StagedFile> ObjectStore::stage(FileOwner owner, std::uint64_t expected_bytes) {
  TRY_STATUS(index_->expect_files());
  return StagedFile::create(files_, std::move(owner), expected_bytes);
}

Status ObjectStore::put(std::string_view bucket,
                        StagedFile file,
                        ObjectInfo info,
                        const WriteCondition& condition,
                        Versioning versioning) {
  const std::string indexed = TRY(settle(file, bucket, info));
  const Status done = commit([&](IndexWriter& writer, Leftovers& left) -> Status {
    TRY_STATUS(impl::check_open(closed(), bucket));
    TRY_STATUS(impl::put_object(writer, bucket, info, condition, versioning, std::nullopt, left));
    return indexed.empty() ? Status() : writer.put_bytes(info.file, indexed);
  });
  if (done) {
    file.forget();
  }
  return done;
}

Result<std::string> ObjectStore::settle(StagedFile& file,
                                        std::string_view bucket,
                                        ObjectInfo& info) {
  std::string indexed;
  if (file.is_small()) {
    indexed = file.take(index_->new_file());
  } else {
    TRY_STATUS(file.settle());
  }
  impl::take_file(file, bucket, info);
  return indexed;
}

Status ObjectStore::amend(std::string_view bucket,
                          std::string_view key,
                          std::string_view version,
                          const Amend& amend) {
  return commit([&](IndexWriter& writer, Leftovers& /*left*/) -> Status {
    TRY_STATUS(impl::check_open(closed(), bucket));
    const Found<ObjectInfo> present = TRY(writer.find(bucket, key));
    const bool is_newest =
        present && (version.empty() || (*present && shown_version(**present) == version));
    if (is_newest) {
      ObjectInfo info = TRY(Result<ObjectInfo>(*present));
      TRY_STATUS(amend(info));
      return writer.put(bucket, info);
    }
    const auto found =
        version.empty() ? std::nullopt : TRY(writer.find_version(bucket, key, version));
    if (!found) {
      Error error = facts::make_error(ErrorCode::NoSuchKey);
      error.fields.emplace_back("Key", key);
      return std::unexpected(std::move(error));
    }
    ObjectInfo info = TRY(Result<ObjectInfo>(found->object));
    TRY_STATUS(amend(info));
    return writer.amend_version(bucket, info, found->rank);
  });
}

bool ObjectStore::may_have_tags(std::string_view bucket) const {
  return index_->tagged().contains(bucket);
}

std::string ObjectStore::new_version(Versioning versioning) const {
  return versioning == Versioning::Enabled ? files_.new_name() : std::string();
}

Result<std::optional<ObjectInfo>> ObjectStore::find(std::string_view bucket,
                                                    std::string_view key,
                                                    std::string_view version) {
  const ObjectIndex::Lease reader = TRY(index_->reader());
  if (version.empty()) {
    return reader->find(bucket, key);
  }
  // Between the two looks the object may become a version.
  std::optional<ObjectInfo> info = TRY(reader->find(bucket, key));
  for (int attempt = 0; attempt < 2 && (!info || shown_version(*info) != version); ++attempt) {
    info =
        TRY(attempt == 0 ? reader->find_version(bucket, key, version) : reader->find(bucket, key));
  }
  return info && shown_version(*info) == version ? std::move(info) : std::nullopt;
}

Result<std::optional<ObjectInfo>> ObjectStore::find_marker(std::string_view bucket,
                                                           std::string_view key) {
  const ObjectIndex::Lease reader = TRY(index_->reader());
  std::optional<ObjectInfo> newest = TRY(reader->newest_version(bucket, key));
  return newest && newest->is_marker ? std::move(newest) : std::nullopt;
}

Status ObjectStore::check(std::string_view bucket,
                          std::string_view key,
                          const WriteCondition& condition) {
  if (!condition.is_set()) {
    return {};
  }
  std::optional<ObjectInfo> present = TRY(find(bucket, key));
  return impl::check_condition(
      key, present ? Found<ObjectInfo>(*std::move(present)) : std::nullopt, condition);
}

std::optional<ObjectInfo> ObjectStore::known_object(std::string_view bucket, std::string_view key) {
  return index_->cache().find(bucket, key);
}

bool ObjectStore::is_known_there(std::string_view bucket, const ObjectInfo& info) const {
  if (has_part_files(info) || !stored_mark(info.headers).empty()) {
    return false;
  }
  if (is_in_index(info)) {  // which has the bytes as long as it has the record
    const std::optional<ObjectInfo> known = index_->cache().find(bucket, info.key);
    return known && known->file == info.file;
  }
  return known_file(bucket, info) != nullptr;
}

// What can be read without the disk; null: nothing.
std::shared_ptr<const OpenFile> ObjectStore::known_file(std::string_view bucket,
                                                        const ObjectInfo& info) const {
  if (is_in_index(info)) {
    return index_->cache().file(bucket, info);
  }
  std::optional<OpenFile> file =
      files_.open_cached(info.file, info.size, form_of(info), {std::string(bucket), info.key});
  return file ? std::make_shared<const OpenFile>(*std::move(file)) : nullptr;
}

std::optional<std::string> ObjectStore::read_known(std::string_view bucket,
                                                   const ObjectInfo& info,
                                                   const ByteRange& range) const {
  // What is in plain and small is verified as a whole.
  const bool is_whole = !info.is_sealed && info.size <= kVerifiedSizeMax;
  const std::uint64_t first = info.is_sealed ? range.offset / kChunkBytes * kChunkBytes
                              : is_whole     ? 0
                                             : range.offset;
  const std::uint64_t chunk = std::min(kChunkBytes, info.size - first);
  const std::uint64_t length = info.is_sealed ? chunk : is_whole ? info.size : range.length;
  const bool is_one_read = range.offset + range.length <= first + length;
  if (has_part_files(info) || length > kKnownBytesMax || !is_one_read ||
      !stored_mark(info.headers).empty()) {
    return std::nullopt;
  }
  const std::shared_ptr<const OpenFile> file = known_file(bucket, info);
  if (file == nullptr) {
    return std::nullopt;
  }
  const std::uint64_t index = first / kChunkBytes;
  const std::size_t tag = info.is_sealed ? crypto::kAeadTagSize : 0;
  std::string bytes(static_cast<std::size_t>(length) + tag, '\0');
  if (!file->read_at_once(info.is_sealed ? chunk_offset(index) : first, bytes)) {
    return std::nullopt;
  }
  if (info.is_sealed) {
    const ChunkPlace place =
        index + 1 == chunk_count(info.size) ? ChunkPlace::Last : ChunkPlace::Inner;
    if (!open_chunk(*file->key, index, place, std::span(bytes))) {
      return std::nullopt;  // what is wrong is said where the disk is asked too
    }
  } else if (is_whole) {
    StoredBytes check(info);
    check.update(bytes);
    if (!check.verify()) {
      return std::nullopt;
    }
  }
  return bytes.substr(static_cast<std::size_t>(range.offset - first),
                      static_cast<std::size_t>(range.length));
}

Result<std::optional<OpenObject>> ObjectStore::open_record(std::string_view bucket,
                                                           const ObjectInfo& info,
                                                           const CustomerKey& customer_key) {
  OpenObject object{.info = info,
                    .owner = {.bucket = std::string(bucket), .key = info.key},
                    .file = {},
                    .parts = std::nullopt,
                    .room = &files_};
  if (const std::string_view mark = stored_mark(info.headers); !mark.empty()) {
    object.lacks_key = customer_key == nullptr || !is_mark_of(mark, *customer_key);
    if (object.lacks_key) {
      return object;
    }
    object.owner.customer_key = customer_key;
  }
  if (is_in_index(info)) {
    const ObjectIndex::Lease reader = TRY(index_->reader());
    std::optional<std::string> indexed = TRY(reader->bytes(info.file));
    if (!indexed) {
      return std::nullopt;
    }
    object.file = TRY(files_.open_indexed(info.file, *std::move(indexed), info.size, object.owner));
    return object;
  }
  if (!has_part_files(info)) {
    auto file = TRY(files_.open(info.file, info.size, form_of(info), object.owner));
    if (!file) {
      return std::nullopt;
    }
    object.file = *std::move(file);
    return object;
  }
  // Pinned before the look: what is there then stays.
  object.parts.emplace().pin = files_.pin(info.file);
  std::uint64_t size = 0;
  for (PartInfo& part : TRY(parts(info.upload))) {
    size += part.size;
    object.parts->list.push_back({.name = std::move(part.file), .size = part.size});
  }
  if (object.parts->list.empty() && info.size > 0) {
    return std::nullopt;
  }
  return size == info.size ? Result<std::optional<OpenObject>>(std::move(object))
                           : std::unexpected(not_as_stored(object.owner, info.file));
}

Result<std::optional<OpenObject>> ObjectStore::open_object(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view version,
                                                           const CustomerKey& customer_key) {
  // Between the look into the index and open() the object may be replaced and its file be gone:
  // look again.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::uint64_t generation = index_->cache().generation();
    const std::optional<ObjectInfo> info = TRY(find(bucket, key, version));
    if (!info) {
      return std::nullopt;
    }
    if (info->is_marker) {
      return OpenObject{.info = *info,
                        .owner = {.bucket = std::string(bucket), .key = std::string(key)},
                        .file = {},
                        .parts = std::nullopt};
    }
    std::optional<OpenObject> object = TRY(open_record(bucket, *info, customer_key));
    if (object) {
      if (version.empty()) {
        index_->cache().keep(generation, bucket, *info, to_remember(*object));
      }
      return object;
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
      TRY_STATUS(impl::delete_object(writer,
                                     bucket,
                                     {.key = key, .condition = condition},
                                     Versioning::Off,
                                     ObjectInfo(),
                                     left));
    }
    return {};
  });
}

Result<std::vector<Deleted>> ObjectStore::erase(std::string_view bucket,
                                                std::span<const Deletion> deletions,
                                                Versioning versioning,
                                                Instant now) {
  std::vector<Deleted> out;
  TRY_STATUS(commit_removal([&](IndexWriter& writer, Leftovers& left) -> Status {
    out.clear();
    for (const Deletion& deletion : deletions) {
      if (!deletion.version.empty()) {
        out.push_back(TRY(impl::delete_version(writer, bucket, deletion, left)));
        continue;
      }
      const ObjectInfo marker{.key = deletion.key,
                              .etag = {},
                              .modified = now,
                              .checksum = std::nullopt,
                              .headers = {},
                              .part_sizes = {},
                              .upload = {},
                              .file = {},
                              .version = new_version(versioning),
                              .is_marker = true};
      out.push_back(TRY(impl::delete_object(writer, bucket, deletion, versioning, marker, left)));
    }
    return {};
  }));
  return out;
}

Result<ListPage> ObjectStore::list(std::string_view bucket, const ListQuery& query) {
  ObjectIndex::Lease reader = TRY(index_->reader());
  TRY_STATUS(reader->hold());
  IndexCursor cursor(std::move(reader), bucket);
  return list_page(cursor, query);
}

Result<VersionPage> ObjectStore::list_versions(std::string_view bucket, const VersionQuery& query) {
  ObjectIndex::Lease reader = TRY(index_->reader());
  TRY_STATUS(reader->hold());
  std::optional<std::int64_t> rank;
  if (!query.version_marker.empty()) {
    rank = TRY(reader->rank_behind(bucket, query.key_marker, query.version_marker));
  }
  IndexVersionCursor cursor(std::move(reader), bucket);
  return version_page(cursor, query, rank);
}

Result<BucketHold> ObjectStore::close(std::string_view bucket, Contents contents) {
  std::optional<BucketHold> hold;
  const Status done = commit_removal([&](IndexWriter& writer, Leftovers& /*left*/) -> Status {
    if (contents == Contents::Refuse && TRY(writer.has_versions(bucket))) {
      return s3::bucket_has_versions();
    }
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
    more -= TRY(impl::drop_objects(writer, bucket, more, left));
    more -= TRY(impl::drop_versions(writer, bucket, more, left));
    while (more > 0) {
      const std::optional<UploadName> upload = TRY(writer.first_upload(bucket));
      if (!upload) {
        return {};
      }
      more -= TRY(impl::drop_parts(writer, bucket, *upload, more, left));
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
  for (auto& [id, names] : left.groups) {
    files_.remove_group(id, std::move(names));
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
