#include "objects/impl/object_index.h"

#include <array>
#include <bit>
#include <utility>

#include "base/strings.h"
#include "codec/hex.h"
#include "facts/errors.h"

namespace signet::objects::impl {
namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS object(
  bucket BLOB NOT NULL, key BLOB NOT NULL, file BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
  etag BLOB NOT NULL, checksum INTEGER NOT NULL, checksum_kind INTEGER NOT NULL, checksum_value BLOB NOT NULL,
  attributes BLOB NOT NULL, PRIMARY KEY(bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload(
  bucket BLOB NOT NULL, key BLOB NOT NULL, id BLOB NOT NULL, initiated INTEGER NOT NULL, checksum INTEGER NOT NULL,
  checksum_kind INTEGER NOT NULL, initiator BLOB NOT NULL, attributes BLOB NOT NULL, base BLOB,
  PRIMARY KEY(bucket, key, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part(
  upload BLOB NOT NULL, number INTEGER NOT NULL, file BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
  etag BLOB NOT NULL, checksum_value BLOB NOT NULL, checksum INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(upload, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 2;
)sql";

// Version 1 knew neither what a key held when an upload began nor the algorithm of a part's
// checksum.
constexpr const char* kFromVersion1 = R"sql(
BEGIN IMMEDIATE;
ALTER TABLE upload ADD COLUMN base BLOB;
ALTER TABLE part ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 2;
COMMIT;
)sql";

constexpr std::int64_t kSchemaVersion = 2;
constexpr std::size_t kIdleReadersMax = 16;

// What stands in `base` once an object was deleted: no file has this name.
constexpr std::string_view kDeletedSince = "deleted";

constexpr std::string_view kObjectColumns =
    "SELECT key, file, size, modified, etag, checksum, checksum_kind, checksum_value, attributes "
    "FROM object ";

Result<UploadInfo> upload_of(const Statement& row) {
  std::optional<ObjectAttributes> attributes = decode_attributes(row.bytes(6));
  if (!attributes) {
    return std::unexpected(storage_error("object index: damaged attributes of an upload"));
  }
  UploadInfo upload{.id = std::string(row.bytes(1)),
                    .key = std::string(row.bytes(0)),
                    .initiated = Instant{row.number(2)},
                    .headers = std::move(attributes->headers),
                    .algorithm = std::nullopt,
                    .checksum_kind = static_cast<ChecksumKind>(row.number(4)),
                    .initiator = std::string(row.bytes(5)),
                    .base = std::nullopt};
  if (!row.is_null(7)) {
    upload.base = row.bytes(7);
  }
  if (row.number(3) != 0) {
    upload.algorithm = static_cast<crypto::ChecksumAlgorithm>(row.number(3));
  }
  return upload;
}

constexpr std::string_view kUploadColumns =
    "SELECT key, id, initiated, checksum, checksum_kind, initiator, attributes, base FROM upload ";

PartInfo part_of(const Statement& row) {
  PartInfo part{.number = row.number(0),
                .etag = std::string(row.bytes(4)),
                .size = static_cast<std::uint64_t>(row.number(2)),
                .modified = Instant{row.number(3)},
                .algorithm = std::nullopt,
                .checksum = std::string(row.bytes(5)),
                .file = std::string(row.bytes(1))};
  if (row.number(6) != 0) {
    part.algorithm = static_cast<crypto::ChecksumAlgorithm>(row.number(6));
  }
  return part;
}

constexpr std::string_view kPartsSql =
    "SELECT number, file, size, modified, etag, checksum_value, checksum FROM part WHERE upload = "
    "?1 ORDER "
    "BY number";

// The row of a bound statement that has at most one, turned into a T.
template <class T, class Take>
Result<std::optional<T>> one_row(Statement& statement, Take take) {
  const Result<bool> row = statement.step();
  Result<std::optional<T>> out = std::nullopt;
  if (!row) {
    out = std::unexpected(row.error());
  } else if (*row) {
    Result<T> item = take(statement);
    out = item ? Result<std::optional<T>>(*std::move(item))
               : std::unexpected(std::move(item).error());
  }
  statement.reset();
  return out;
}

Result<std::optional<ObjectInfo>> find_object(Statement& find,
                                              std::string_view bucket,
                                              std::string_view key) {
  return one_row<ObjectInfo>(find.bind(1, bucket).bind(2, key), object_of);
}

Result<std::optional<UploadInfo>> find_one_upload(Statement& find,
                                                  std::string_view bucket,
                                                  std::string_view key,
                                                  std::string_view id) {
  return one_row<UploadInfo>(find.bind(1, bucket).bind(2, key).bind(3, id), upload_of);
}

// Every row of a bound statement. `take` turns a row into a T or an error.
template <class T, class Take>
Result<std::vector<T>> all_rows(Statement& statement, Take take) {
  std::vector<T> out;
  while (true) {
    const Result<bool> row = statement.step();
    if (!row || !*row) {
      statement.reset();
      return row ? Result<std::vector<T>>(std::move(out)) : std::unexpected(row.error());
    }
    Result<T> item = take(statement);
    if (!item) {
      statement.reset();
      return std::unexpected(std::move(item).error());
    }
    out.push_back(*std::move(item));
  }
}

Result<std::vector<PartInfo>> all_parts(Statement& parts, std::string_view upload) {
  parts.bind(1, upload);
  return all_rows<PartInfo>(parts,
                            [](const Statement& row) { return Result<PartInfo>(part_of(row)); });
}

Result<std::vector<UploadInfo>> all_uploads(Statement& uploads, std::string_view bucket) {
  uploads.bind(1, bucket);
  return all_rows<UploadInfo>(uploads, upload_of);
}

Result<std::int64_t> single_number(Database& database, std::string_view sql) {
  Statement statement = TRY(database.prepare(sql));
  return TRY(statement.step()) ? statement.number(0) : 0;
}

std::string with(std::string_view columns, std::string_view rest) {
  return std::string(columns).append(rest);
}

}  // namespace

Result<ObjectInfo> object_of(const Statement& row) {
  std::optional<ObjectAttributes> attributes = decode_attributes(row.bytes(8));
  if (!attributes) {
    return std::unexpected(storage_error("object index: damaged attributes of an object"));
  }
  ObjectInfo info{.key = std::string(row.bytes(0)),
                  .etag = std::string(row.bytes(4)),
                  .size = static_cast<std::uint64_t>(row.number(2)),
                  .modified = Instant{row.number(3)},
                  .checksum = std::nullopt,
                  .headers = std::move(attributes->headers),
                  .part_sizes = std::move(attributes->part_sizes),
                  .upload = std::move(attributes->upload),
                  .file = std::string(row.bytes(1))};
  if (row.number(5) != 0) {
    info.checksum =
        ObjectChecksum{.algorithm = static_cast<crypto::ChecksumAlgorithm>(row.number(5)),
                       .kind = static_cast<ChecksumKind>(row.number(6)),
                       .value = std::string(row.bytes(7))};
  }
  return info;
}

Result<std::unique_ptr<IndexWriter>> IndexWriter::open(Database& database, UsageBook& usage) {
  std::unique_ptr<IndexWriter> writer(new IndexWriter(usage));
  writer->find_ = TRY(database.prepare(with(kObjectColumns, "WHERE bucket = ?1 AND key = ?2")));
  writer->put_ =
      TRY(database.prepare("INSERT OR REPLACE INTO object VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"));
  writer->erase_ = TRY(database.prepare("DELETE FROM object WHERE bucket = ?1 AND key = ?2"));
  writer->disturb_ =
      TRY(database.prepare("UPDATE upload SET base = ?3 WHERE bucket = ?1 AND key = ?2"));
  writer->any_ = TRY(database.prepare("SELECT 1 FROM object WHERE bucket = ?1 LIMIT 1"));
  writer->put_upload_ =
      TRY(database.prepare("INSERT INTO upload VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"));
  writer->find_upload_ =
      TRY(database.prepare(with(kUploadColumns, "WHERE bucket = ?1 AND key = ?2 AND id = ?3")));
  writer->put_part_ =
      TRY(database.prepare("INSERT OR REPLACE INTO part VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"));
  writer->parts_ = TRY(database.prepare(kPartsSql));
  writer->erase_upload_ =
      TRY(database.prepare("DELETE FROM upload WHERE bucket = ?1 AND key = ?2 AND id = ?3"));
  writer->erase_parts_ = TRY(database.prepare("DELETE FROM part WHERE upload = ?1"));
  writer->uploads_ =
      TRY(database.prepare(with(kUploadColumns, "WHERE bucket = ?1 ORDER BY key, id")));
  return writer;
}

Status IndexWriter::use(UsageChange change) {
  TRY_STATUS(usage_.apply(change));
  used_.push_back(std::move(change));
  return {};
}

Result<std::optional<ObjectInfo>> IndexWriter::find(std::string_view bucket, std::string_view key) {
  return find_object(find_, bucket, key);
}

Status IndexWriter::put(std::string_view bucket, const ObjectInfo& info) {
  touched.push_back(InfoCache::name_of(bucket, info.key));
  const ObjectChecksum none{.value = ""};
  const ObjectChecksum& checksum = info.checksum ? *info.checksum : none;
  const std::int64_t algorithm = info.checksum ? static_cast<std::int64_t>(checksum.algorithm) : 0;
  put_.bind(1, bucket)
      .bind(2, info.key)
      .bind(3, info.file)
      .bind(4, static_cast<std::int64_t>(info.size));
  put_.bind(5, info.modified.unix_ms).bind(6, info.etag).bind(7, algorithm);
  put_.bind(8, static_cast<std::int64_t>(checksum.kind)).bind(9, checksum.value);
  return put_.bind(10, encode_attributes(info.headers, info.part_sizes, info.upload)).run();
}

Status IndexWriter::erase(std::string_view bucket, std::string_view key) {
  touched.push_back(InfoCache::name_of(bucket, key));
  TRY_STATUS(disturb_.bind(1, bucket).bind(2, key).bind(3, kDeletedSince).run());
  return erase_.bind(1, bucket).bind(2, key).run();
}

Result<bool> IndexWriter::has_objects(std::string_view bucket) {
  Result<bool> row = any_.bind(1, bucket).step();
  any_.reset();
  return row;
}

Status IndexWriter::put_upload(std::string_view bucket, const UploadInfo& upload) {
  const std::int64_t algorithm =
      upload.algorithm ? static_cast<std::int64_t>(*upload.algorithm) : 0;
  put_upload_.bind(1, bucket)
      .bind(2, upload.key)
      .bind(3, upload.id)
      .bind(4, upload.initiated.unix_ms);
  put_upload_.bind(5, algorithm)
      .bind(6, static_cast<std::int64_t>(upload.checksum_kind))
      .bind(7, upload.initiator);
  if (upload.base) {
    put_upload_.bind(9, *upload.base);
  }
  return put_upload_.bind(8, encode_attributes(upload.headers, {}, "")).run();
}

Result<std::optional<UploadInfo>> IndexWriter::find_upload(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view id) {
  return find_one_upload(find_upload_, bucket, key, id);
}

Status IndexWriter::put_part(std::string_view upload, const PartInfo& part) {
  put_part_.bind(1, upload)
      .bind(2, part.number)
      .bind(3, part.file)
      .bind(4, static_cast<std::int64_t>(part.size));
  const std::int64_t algorithm = part.algorithm ? static_cast<std::int64_t>(*part.algorithm) : 0;
  put_part_.bind(5, part.modified.unix_ms).bind(6, part.etag).bind(7, part.checksum);
  return put_part_.bind(8, algorithm).run();
}

Result<std::vector<PartInfo>> IndexWriter::parts(std::string_view upload) {
  return all_parts(parts_, upload);
}

Status IndexWriter::erase_upload(std::string_view bucket,
                                 std::string_view key,
                                 std::string_view id) {
  TRY_STATUS(erase_parts_.bind(1, id).run());
  return erase_upload_.bind(1, bucket).bind(2, key).bind(3, id).run();
}

Result<std::vector<UploadInfo>> IndexWriter::uploads(std::string_view bucket) {
  return all_uploads(uploads_, bucket);
}

Result<std::unique_ptr<IndexReader>> IndexReader::open(const std::string& path, bool is_durable) {
  std::unique_ptr<IndexReader> reader(new IndexReader(TRY(Database::open(path, is_durable))));
  Database& database = *reader->database_;
  reader->find_ = TRY(database.prepare(with(kObjectColumns, "WHERE bucket = ?1 AND key = ?2")));
  reader->scan_ =
      TRY(database.prepare(with(kObjectColumns, "WHERE bucket = ?1 AND key >= ?2 ORDER BY key")));
  reader->find_upload_ =
      TRY(database.prepare(with(kUploadColumns, "WHERE bucket = ?1 AND key = ?2 AND id = ?3")));
  reader->parts_ = TRY(database.prepare(kPartsSql));
  reader->uploads_ =
      TRY(database.prepare(with(kUploadColumns, "WHERE bucket = ?1 ORDER BY key, id")));
  return reader;
}

Result<std::optional<ObjectInfo>> IndexReader::find(std::string_view bucket, std::string_view key) {
  return find_object(find_, bucket, key);
}

Result<std::optional<UploadInfo>> IndexReader::find_upload(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view id) {
  return find_one_upload(find_upload_, bucket, key, id);
}

Result<std::vector<PartInfo>> IndexReader::parts(std::string_view upload) {
  return all_parts(parts_, upload);
}

Result<std::vector<UploadInfo>> IndexReader::uploads(std::string_view bucket) {
  return all_uploads(uploads_, bucket);
}

Result<std::vector<std::string>> IndexReader::all_files() {
  Statement files =
      TRY(database_->prepare("SELECT file FROM object UNION ALL SELECT file FROM part"));
  return all_rows<std::string>(
      files, [](const Statement& row) { return Result<std::string>(row.bytes(0)); });
}

Status IndexReader::each_object(
    const std::function<Status(std::string_view, const ObjectInfo&)>& visit) {
  Statement objects = TRY(database_->prepare(
      "SELECT key, file, size, modified, etag, checksum, checksum_kind, checksum_value, attributes,"
      " bucket FROM object ORDER BY bucket, key"));
  while (TRY(objects.step())) {
    const ObjectInfo info = TRY(object_of(objects));
    TRY_STATUS(visit(objects.bytes(9), info));
  }
  return {};
}

Result<std::unique_ptr<ObjectIndex>> ObjectIndex::open(std::string path,
                                                       const Options& options,
                                                       Random& random) {
  auto index = std::make_unique<ObjectIndex>(std::move(path), options.is_durable, options.quota);
  index->database_ = TRY(Database::open(index->path_, options.is_durable));
  Database& database = *index->database_;
  const std::int64_t version = TRY(single_number(database, "PRAGMA user_version"));
  if (version > kSchemaVersion) {
    return std::unexpected(storage_error("object index: written by a newer version"));
  }
  if (version == 0 && !options.may_make) {
    return std::unexpected(storage_error(
        concat("object index ",
               index->path_,
               ": holds no tables, but objects were stored here: restore the whole folder from a "
               "backup")));
  }
  if (version == 0) {
    TRY_STATUS(database.execute(kSchema));
  }
  if (version == 1) {
    TRY_STATUS(database.execute(kFromVersion1));
  }
  TRY_STATUS(index->read_state(random));
  TRY_STATUS(index->count_usage());
  index->writer_ = TRY(IndexWriter::open(database, index->usage_));
  return index;
}

// How the index was left, and its id, which an older one gets now.
Status ObjectIndex::read_state(Random& random) {
  was_interrupted_ =
      TRY(single_number(*database_, "SELECT value FROM state WHERE name = 'open'")) != 0;
  id_ = TRY(single_number(*database_, "SELECT value FROM state WHERE name = 'id'"));
  if (id_ == 0) {
    std::array<std::uint8_t, 8> bytes{};
    random.fill(bytes);
    id_ = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(bytes) | 1U);
    TRY_STATUS(database_->execute(
        concat("INSERT OR REPLACE INTO state VALUES('id', ", std::to_string(id_), ")").c_str()));
  }
  return mark_open(was_interrupted_);
}

std::string ObjectIndex::id() const {
  std::string text;
  const auto bytes = std::bit_cast<std::array<std::uint8_t, 8>>(id_);
  codec::append_hex(text, bytes);
  return text;
}

// Notes that the index is in use. A disk that is too full for the note is no reason not to serve
// what is there: nothing can have been written then, and the first write brings the note along.
Status ObjectIndex::mark_open(bool is_marked) {
  if (is_marked) {
    return {};
  }
  const Status marked = database_->execute("INSERT OR REPLACE INTO state VALUES('open', 1)");
  is_mark_missing_ = !marked && marked.error().code == ErrorCode::SlowDown;
  return is_mark_missing_ ? Status() : marked;
}

// Reads the size of every object and part: only where a quota needs it.
Status ObjectIndex::count_usage() {
  if (!usage_.is_on()) {
    return {};
  }
  Statement rows = TRY(database_->prepare(
      "SELECT bucket, COALESCE(SUM(size), 0), COUNT(*) FROM object GROUP BY bucket "
      "UNION ALL SELECT upload.bucket, COALESCE(SUM(part.size), 0), 0 FROM part "
      "JOIN upload ON part.upload = upload.id GROUP BY upload.bucket"));
  while (TRY(rows.step())) {
    usage_.add(
        {.bucket = std::string(rows.bytes(0)), .bytes = rows.number(1), .objects = rows.number(2)});
  }
  return {};
}

ObjectIndex::~ObjectIndex() {
  idle_readers_.clear();
  if (writer_) {
    writer_.reset();
    // If this fails the next start looks for orphans, which is always right.
    static_cast<void>(database_->execute("INSERT OR REPLACE INTO state VALUES('open', 0)"));
  }
}

Status ObjectIndex::write(const Write& write) {
  Pending mine{.write = write, .result = {}, .used = {}, .is_done = false};
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  changed_.wait(lock, [&] { return mine.is_done || !is_led_; });
  if (mine.is_done) {
    return std::move(mine.result);
  }
  is_led_ = true;
  const std::vector<Pending*> batch = std::exchange(queue_, {});
  lock.unlock();
  run_batch(batch);
  lock.lock();
  is_led_ = false;
  for (Pending* pending : batch) {
    pending->is_done = true;
  }
  lock.unlock();
  changed_.notify_all();
  return std::move(mine.result);
}

void ObjectIndex::run_batch(std::span<Pending* const> batch) {
  Status committed = database_->execute("BEGIN IMMEDIATE");
  if (committed && is_mark_missing_) {
    committed = database_->execute("INSERT OR REPLACE INTO state VALUES('open', 1)");
  }
  if (committed) {
    for (Pending* pending : batch) {
      pending->result = run_one(*pending);
    }
    committed = database_->execute("COMMIT");
  }
  // Before anyone is told, whatever became of the commit.
  cache_.forget(std::exchange(writer_->touched, {}));
  if (committed) {
    is_mark_missing_ = false;
    return;
  }
  // Harmless if SQLite has rolled back by itself (disk full).
  static_cast<void>(database_->execute("ROLLBACK"));
  for (Pending* pending : batch) {
    take_back(std::exchange(pending->used, {}));
    if (pending->result) {
      pending->result = committed;
    }
  }
}

Status ObjectIndex::run_one(Pending& pending) {
  TRY_STATUS(database_->execute("SAVEPOINT one"));
  Status result = pending.write(*writer_);
  pending.used = writer_->take_used();
  if (!result) {
    // Both fail where SQLite has rolled everything back by itself (disk full): the commit tells.
    static_cast<void>(database_->execute("ROLLBACK TO one"));
    static_cast<void>(database_->execute("RELEASE one"));
    take_back(std::exchange(pending.used, {}));
    return result;
  }
  return database_->execute("RELEASE one");
}

void ObjectIndex::take_back(std::vector<UsageChange> used) {
  for (const UsageChange& change : used) {
    usage_.undo(change);
  }
}

void ObjectIndex::checkpoint() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !is_led_; });
  is_led_ = true;
  lock.unlock();
  // If it fails, what follows fails as it did before.
  static_cast<void>(database_->execute("PRAGMA wal_checkpoint(RESTART)"));
  lock.lock();
  is_led_ = false;
  lock.unlock();
  changed_.notify_all();
}

Result<ObjectIndex::Lease> ObjectIndex::reader() {
  std::unique_ptr<IndexReader> reader;
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_readers_.empty()) {
      reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
    }
  }
  if (!reader) {
    reader = TRY(IndexReader::open(path_, is_durable_));
  }
  return Lease(*this, std::move(reader));
}

ObjectIndex::Lease::~Lease() {
  if (!reader_) {
    return;
  }
  reader_->scan().reset();
  const std::scoped_lock lock(index_.mutex_);
  if (index_.idle_readers_.size() < kIdleReadersMax) {
    index_.idle_readers_.push_back(std::move(reader_));
  }
}

Status ObjectIndex::clear() {
  Status done = write([this](IndexWriter& writer) {
    writer.retired.clear();
    return database_->execute("DELETE FROM object; DELETE FROM upload; DELETE FROM part;");
  });
  cache_.clear();
  usage_.clear();
  return done;
}

}  // namespace signet::objects::impl
