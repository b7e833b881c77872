#include "objects/impl/object_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>
#include <utility>

#include "base/clock.h"
#include "base/strings.h"
#include "codec/hex.h"
#include "facts/errors.h"
#include "objects/impl/index_look.h"
#include "objects/impl/index_rows.h"
#include "objects/impl/index_schema.h"

namespace signet::objects::impl {
namespace {

constexpr std::size_t kIdleReadersMax = 16;

// What stands in `base` once an object was deleted: no file has this name.
constexpr std::string_view kDeletedSince = "deleted";

std::string attributes_of(const ObjectInfo& info) {
  return encode_attributes({.headers = info.headers,
                            .part_sizes = info.part_sizes,
                            .upload = info.upload,
                            .is_sealed = info.is_sealed,
                            .version = info.version,
                            .part_checksums = info.part_checksums});
}

// Parameters 1 to 10 of a statement that puts an object or version.
Statement& bind_object(Statement& put, std::string_view bucket, const ObjectInfo& info) {
  const ObjectChecksum none{.value = ""};
  const ObjectChecksum& checksum = info.checksum ? *info.checksum : none;
  const std::int64_t algorithm = info.checksum ? static_cast<std::int64_t>(checksum.algorithm) : 0;
  put.bind(1, bucket)
      .bind(2, info.key)
      .bind(3, info.file)
      .bind(4, static_cast<std::int64_t>(info.size));
  put.bind(5, info.modified.unix_ms).bind(6, info.etag).bind(7, algorithm);
  put.bind(8, static_cast<std::int64_t>(checksum.kind)).bind(9, checksum.value);
  return put.bind(10, attributes_of(info));
}

FoundVersion found_version(const Statement& row) {
  return FoundVersion{
      .key = std::string(key_of(row)), .rank = rank_of(row), .object = version_of(row)};
}

}  // namespace

Result<std::unique_ptr<IndexWriter>> IndexWriter::open(Database& database,
                                                       UsageBook& usage,
                                                       TaggedBuckets& tagged) {
  std::unique_ptr<IndexWriter> writer(new IndexWriter(usage, tagged));
  writer->find_ = TRY(database.prepare(object_rows("WHERE bucket = ?1 AND key = ?2")));
  writer->put_ =
      TRY(database.prepare("INSERT OR REPLACE INTO object VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,"
                           "row_check(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10))"));
  writer->erase_ = TRY(database.prepare("DELETE FROM object WHERE bucket = ?1 AND key = ?2"));
  writer->disturb_ = TRY(database.prepare(concat(
      "UPDATE upload SET base = ?3, digest = row_check(bucket, key, id, initiated, checksum, "
      "checksum_kind, initiator, attributes, ?3) WHERE bucket = ?1 AND key = ?2 AND ",
      kUploadIsWhole)));
  writer->any_ = TRY(database.prepare("SELECT 1 FROM object WHERE bucket = ?1 LIMIT 1"));
  writer->any_version_ = TRY(database.prepare("SELECT 1 FROM version WHERE bucket = ?1 LIMIT 1"));
  writer->put_version_ = TRY(database.prepare(
      "INSERT INTO version SELECT bucket, key, rank, id, marker, file, size, modified, etag, "
      "checksum, checksum_kind, checksum_value, attributes, row_check(bucket, key, rank, id, "
      "marker, file, size, modified, etag, checksum, checksum_kind, checksum_value, attributes) "
      "FROM (SELECT ?1 AS bucket, ?2 AS key, (SELECT coalesce(min(rank), 0) - 1 FROM version WHERE "
      "bucket = ?1 AND key = ?2) AS rank, ?11 AS id, ?12 AS marker, ?3 AS file, ?4 AS size, ?5 AS "
      "modified, ?6 AS etag, ?7 AS checksum, ?8 AS checksum_kind, ?9 AS checksum_value, ?10 AS "
      "attributes)"));
  writer->find_version_ =
      TRY(database.prepare(version_rows("WHERE bucket = ?1 AND key = ?2 AND id = ?3")));
  writer->newest_version_ =
      TRY(database.prepare(version_rows("WHERE bucket = ?1 AND key = ?2 ORDER BY rank LIMIT 1")));
  writer->erase_version_ =
      TRY(database.prepare("DELETE FROM version WHERE bucket = ?1 AND key = ?2 AND rank = ?3"));
  writer->first_versions_ =
      TRY(database.prepare(version_rows("WHERE bucket = ?1 ORDER BY key, rank LIMIT ?2")));
  writer->erase_part_ = TRY(database.prepare("DELETE FROM part WHERE upload = ?1 AND number = ?2"));
  writer->first_objects_ =
      TRY(database.prepare(object_rows("WHERE bucket = ?1 ORDER BY key LIMIT ?2")));
  writer->put_upload_ =
      TRY(database.prepare("INSERT INTO upload VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,"
                           "row_check(?1,?2,?3,?4,?5,?6,?7,?8,?9))"));
  writer->find_upload_ =
      TRY(database.prepare(upload_rows("WHERE bucket = ?1 AND key = ?2 AND id = ?3")));
  writer->put_part_ = TRY(
      database.prepare("INSERT OR REPLACE INTO part(upload, number, file, size, modified, etag, "
                       "checksum_value, checksum, sealed, crc64, digest) "
                       "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,"
                       "row_check(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10))"));
  writer->parts_ = TRY(database.prepare(part_rows("WHERE upload = ?1 ORDER BY number LIMIT ?2")));
  writer->find_part_ = TRY(database.prepare(part_rows("WHERE upload = ?1 AND number = ?2")));
  writer->erase_upload_ =
      TRY(database.prepare("DELETE FROM upload WHERE bucket = ?1 AND key = ?2 AND id = ?3"));
  writer->erase_parts_ =
      TRY(database.prepare("DELETE FROM part WHERE upload = ?1 AND number <= ?2"));
  writer->first_upload_ = TRY(
      database.prepare("SELECT key, id FROM upload WHERE bucket = ?1 ORDER BY key, id LIMIT 1"));
  writer->note_removal_ = TRY(database.prepare("INSERT OR REPLACE INTO removal VALUES(?1)"));
  writer->forget_removal_ = TRY(database.prepare("DELETE FROM removal WHERE bucket = ?1"));
  writer->amend_version_ = TRY(database.prepare(
      "UPDATE version SET attributes = ?4, digest = row_check(bucket, key, rank, id, marker, file, "
      "size, modified, etag, checksum, checksum_kind, checksum_value, ?4) WHERE bucket = ?1 AND "
      "key = ?2 AND rank = ?3"));
  writer->note_tags_ =
      TRY(database.prepare("INSERT OR IGNORE INTO state VALUES('tagged/' || ?1, 1)"));
  writer->put_bytes_ = TRY(database.prepare("INSERT INTO bytes VALUES(?1, ?2)"));
  writer->erase_bytes_ = TRY(database.prepare("DELETE FROM bytes WHERE id = ?1"));
  writer->forget_tags_ = TRY(database.prepare("DELETE FROM state WHERE name = 'tagged/' || ?1"));
  return writer;
}

Status IndexWriter::use(UsageChange change) {
  TRY_STATUS(usage_.apply(change));
  used_.push_back(std::move(change));
  return {};
}

Result<Found<ObjectInfo>> IndexWriter::find(std::string_view bucket, std::string_view key) {
  return find_object(find_, bucket, key);
}

// If the write is undone, memory knows a bucket too many, which is harmless.
Status IndexWriter::note_tags(std::string_view bucket, const ObjectInfo& info) {
  const bool has_tags = std::ranges::any_of(
      info.headers, [](const auto& header) { return header.first == kTagsHeader; });
  if (!has_tags) {
    return {};
  }
  tagged_.add(bucket);
  return note_tags_.bind(1, bucket).run();
}

Status IndexWriter::put(std::string_view bucket, const ObjectInfo& info) {
  TRY_STATUS(note_tags(bucket, info));
  touched.push_back(InfoCache::name_of(bucket, info.key));
  return bind_object(put_, bucket, info).run();
}

Status IndexWriter::put_version(std::string_view bucket, const ObjectInfo& info) {
  return bind_object(put_version_, bucket, info)
      .bind(11, shown_version(info))
      .bind(12, static_cast<std::int64_t>(info.is_marker))
      .run();
}

Status IndexWriter::amend_version(std::string_view bucket,
                                  const ObjectInfo& info,
                                  std::int64_t rank) {
  TRY_STATUS(note_tags(bucket, info));
  return amend_version_.bind(1, bucket)
      .bind(2, info.key)
      .bind(3, rank)
      .bind(4, attributes_of(info))
      .run();
}

Result<std::optional<FoundVersion>> IndexWriter::find_version(std::string_view bucket,
                                                              std::string_view key,
                                                              std::string_view id) {
  return one_row<FoundVersion>(find_version_.bind(1, bucket).bind(2, key).bind(3, id),
                               found_version);
}

Result<std::optional<FoundVersion>> IndexWriter::newest_version(std::string_view bucket,
                                                                std::string_view key) {
  return one_row<FoundVersion>(newest_version_.bind(1, bucket).bind(2, key), found_version);
}

Status IndexWriter::erase_version(std::string_view bucket,
                                  std::string_view key,
                                  std::int64_t rank) {
  return erase_version_.bind(1, bucket).bind(2, key).bind(3, rank).run();
}

Result<std::vector<FoundVersion>> IndexWriter::first_versions(std::string_view bucket,
                                                              std::size_t count) {
  first_versions_.bind(1, bucket).bind(2, static_cast<std::int64_t>(count));
  return all_rows<FoundVersion>(first_versions_, [](const Statement& row) {
    return Result<FoundVersion>(found_version(row));
  });
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

Result<bool> IndexWriter::has_versions(std::string_view bucket) {
  Result<bool> row = any_version_.bind(1, bucket).step();
  any_version_.reset();
  return row;
}

Result<std::vector<FoundObject>> IndexWriter::first_objects(std::string_view bucket,
                                                            std::size_t count) {
  first_objects_.bind(1, bucket).bind(2, static_cast<std::int64_t>(count));
  return all_rows<FoundObject>(first_objects_, [](const Statement& row) {
    return Result<FoundObject>(
        FoundObject{.key = std::string(key_of(row)), .object = object_of(row)});
  });
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
  return put_upload_.bind(8, encode_attributes({.headers = upload.headers})).run();
}

Result<Found<UploadInfo>> IndexWriter::find_upload(std::string_view bucket,
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
  put_part_.bind(8, algorithm).bind(9, static_cast<std::int64_t>(part.is_sealed));
  return put_part_.bind(10, part.crc64).run();
}

Result<std::vector<FoundPart>> IndexWriter::first_parts(std::string_view upload,
                                                        std::size_t count) {
  parts_.bind(1, upload).bind(2, static_cast<std::int64_t>(count));
  return all_rows<FoundPart>(parts_, [](const Statement& row) {
    return Result<FoundPart>(FoundPart{.number = part_number_of(row), .part = part_of(row)});
  });
}

Result<Found<PartInfo>> IndexWriter::find_part(std::string_view upload, std::int64_t number) {
  return one_row<Result<PartInfo>>(find_part_.bind(1, upload).bind(2, number), part_of);
}

Status IndexWriter::erase_parts(std::string_view upload, std::int64_t last) {
  return erase_parts_.bind(1, upload).bind(2, last).run();
}

Status IndexWriter::erase_part(std::string_view upload, std::int64_t number) {
  return erase_part_.bind(1, upload).bind(2, number).run();
}

Status IndexWriter::erase_upload_alone(std::string_view bucket,
                                       std::string_view key,
                                       std::string_view id) {
  return erase_upload_.bind(1, bucket).bind(2, key).bind(3, id).run();
}

Status IndexWriter::erase_upload(std::string_view bucket,
                                 std::string_view key,
                                 std::string_view id) {
  // Numbers that no part can have stand in damaged records.
  TRY_STATUS(erase_parts(id, std::numeric_limits<std::int64_t>::max()));
  return erase_upload_alone(bucket, key, id);
}

Result<std::optional<UploadName>> IndexWriter::first_upload(std::string_view bucket) {
  return one_row<UploadName>(first_upload_.bind(1, bucket), [](const Statement& row) {
    return UploadName{.key = std::string(row.bytes(0)), .id = std::string(row.bytes(1))};
  });
}

Status IndexWriter::put_bytes(std::string_view file, std::string_view sealed) {
  return put_bytes_.bind(1, bytes_id(file)).bind(2, sealed).run();
}

Status IndexWriter::erase_bytes(std::string_view file) {
  return erase_bytes_.bind(1, bytes_id(file)).run();
}

Status IndexWriter::note_removal(std::string_view bucket) {
  return note_removal_.bind(1, bucket).run();
}

Status IndexWriter::forget_removal(std::string_view bucket) {
  TRY_STATUS(forget_tags_.bind(1, bucket).run());
  return forget_removal_.bind(1, bucket).run();
}

Result<std::unique_ptr<ObjectIndex>> ObjectIndex::open(std::string path,
                                                       const Options& options,
                                                       Random& random) {
  auto index = std::make_unique<ObjectIndex>(std::move(path), options.is_durable, options.quota);
  index->database_ = TRY(Database::open(index->path_, options.is_durable));
  Database& database = *index->database_;
  TRY_STATUS(prepare_schema(database, options.may_make, index->path_));
  TRY_STATUS(index->read_state(random));
  TRY_STATUS(index->read_last_bytes(random));
  TRY_STATUS(index->count_usage());
  TRY_STATUS(index->read_removals());
  TRY_STATUS(index->read_tagged());
  index->writer_ = TRY(IndexWriter::open(database, index->usage_, index->tagged_));
  return index;
}

// How the index was left, and its id, which an older one gets now.
Status ObjectIndex::read_state(Random& random) {
  was_interrupted_ = TRY(database_->number("SELECT value FROM state WHERE name = 'open'")) != 0;
  id_ = TRY(database_->number("SELECT value FROM state WHERE name = 'id'"));
  if (id_ == 0) {
    std::array<std::uint8_t, 8> bytes{};
    random.fill(bytes);
    id_ = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(bytes) | 1U);
    TRY_STATUS(database_->execute(
        concat("INSERT OR REPLACE INTO state VALUES('id', ", std::to_string(id_), ")").c_str()));
  }
  is_mark_missing_ = !was_interrupted_;
  return {};
}

// Ids grow, so that rows are added at the end. Those of another process begin at its own time,
// which keeps them from those that were removed again.
Status ObjectIndex::read_last_bytes(Random& random) {
  constexpr unsigned kCountBits = 16;
  std::array<std::uint8_t, 2> chance{};
  random.fill(chance);
  const auto begin = static_cast<std::int64_t>(
                         static_cast<std::uint64_t>(SystemClock().now().unix_ms) << kCountBits) +
                     std::bit_cast<std::uint16_t>(chance);
  last_bytes_ = std::max(begin, TRY(database_->number("SELECT max(id) FROM bytes")));
  return {};
}

std::string ObjectIndex::new_file() {
  const auto id = static_cast<std::uint64_t>(last_bytes_.fetch_add(1) + 1);
  std::string file(1, kIndexMark);
  std::array<char, 16> digits{};
  const auto [end, failed] = std::to_chars(digits.data(), digits.data() + digits.size(), id, 16);
  return file.append(digits.data(), end);
}

Status ObjectIndex::sweep_bytes() {
  return write([this](IndexWriter& /*writer*/) {
    return database_->execute(
        "DELETE FROM bytes WHERE CAST(printf('=%x', id) AS BLOB) NOT IN "
        "(SELECT file FROM object UNION ALL SELECT file FROM version)");
  });
}

std::string ObjectIndex::id() const {
  std::string text;
  const auto bytes = std::bit_cast<std::array<std::uint8_t, 8>>(id_);
  codec::append_hex(text, bytes);
  return text;
}

Status ObjectIndex::expect_files() {
  if (!is_mark_missing_.load(std::memory_order_acquire)) {
    return {};
  }
  return write([](IndexWriter& /*writer*/) { return Status(); });
}

// Counts the uploads; reads the size of every object and part only where a quota needs it. What a
// damaged record says about a size counts for nothing, neither here nor when it goes.
Status ObjectIndex::count_usage() {
  std::string sql = "SELECT bucket, 0, COUNT(*), COUNT(*) FROM upload GROUP BY bucket";
  if (usage_.counts_sizes()) {
    sql +=
        concat(" UNION ALL SELECT bucket, SUM(CASE WHEN ",
               kObjectIsWhole,
               " THEN size ELSE 0 END), COUNT(*), 0 FROM object GROUP BY bucket "
               "UNION ALL SELECT bucket, SUM(CASE WHEN ",
               kVersionIsWhole,
               " THEN size ELSE 0 END), COUNT(*), 0 FROM version WHERE marker = 0 GROUP BY bucket "
               "UNION ALL SELECT upload.bucket, SUM(bytes), 0, 0 FROM upload JOIN "
               "(SELECT upload AS id, SUM(CASE WHEN ",
               kPartIsWhole,
               " THEN size ELSE 0 END) AS bytes FROM part GROUP BY upload) AS held "
               "ON held.id = upload.id GROUP BY upload.bucket");
  }
  Statement rows = TRY(database_->prepare(sql));
  while (TRY(rows.step())) {
    usage_.add({.bucket = std::string(rows.bytes(0)),
                .bytes = rows.number(1),
                .objects = rows.number(2),
                .uploads = rows.number(3)});
  }
  return {};
}

// What an earlier process did not come to the end of.
Status ObjectIndex::read_removals() {
  Statement rows = TRY(database_->prepare("SELECT bucket FROM removal"));
  while (TRY(rows.step())) {
    closed_.add_unsettled(rows.bytes(0));
  }
  return {};
}

Status ObjectIndex::read_tagged() {
  Statement rows =
      TRY(database_->prepare("SELECT substr(name, 8) FROM state WHERE name GLOB 'tagged/*'"));
  while (TRY(rows.step())) {
    tagged_.add(rows.bytes(0));
  }
  return {};
}

ObjectIndex::~ObjectIndex() {
  idle_readers_.clear();
  if (writer_) {
    writer_.reset();
    // If this fails the next start looks for orphans, which is always right.
    if (!owes_sweep_ && !is_mark_missing_) {
      static_cast<void>(database_->execute("INSERT OR REPLACE INTO state VALUES('open', 0)"));
    }
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
    is_mark_missing_.store(false, std::memory_order_release);
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
  reader_->version_scan().reset();
  reader_->let_go();
  const std::scoped_lock lock(index_.mutex_);
  if (index_.idle_readers_.size() < kIdleReadersMax) {
    index_.idle_readers_.push_back(std::move(reader_));
  }
}

Status ObjectIndex::clear() {
  Status done = write([this](IndexWriter& /*writer*/) {
    closed_.clear();
    return database_->execute(
        "DELETE FROM object; DELETE FROM version; DELETE FROM upload; DELETE FROM part; "
        "DELETE FROM removal; DELETE FROM bytes; DELETE FROM state WHERE name GLOB 'tagged/*';");
  });
  tagged_.clear();
  cache_.clear();
  usage_.clear();
  return done;
}

}  // namespace signet::objects::impl
