// What can be asked of the index outside a write.
#include <limits>
#include <utility>

#include "base/strings.h"
#include "objects/impl/index_look.h"
#include "objects/impl/index_rows.h"
#include "objects/impl/index_schema.h"
#include "objects/impl/object_index.h"

namespace signet::objects::impl {
namespace {

// Where a key's object stands before its other versions (version_scan()).
constexpr std::int64_t kObjectRank = -std::numeric_limits<std::int64_t>::max();

// A key's object stands before its other versions. Both halves are in this order already, so that
// nothing is sorted.
std::string version_scan_sql() {
  constexpr std::string_view kColumns =
      "key, file, size, modified, etag, checksum, checksum_kind, checksum_value, attributes, "
      "bucket, ";
  return concat("SELECT ",
                kColumns,
                kObjectIsWhole,
                ", -9223372036854775807 AS rank, 0 AS marker FROM object WHERE bucket = ?1 AND "
                "key >= ?2 AND NOT (key = ?2 AND ?3 > -9223372036854775807) UNION ALL SELECT ",
                kColumns,
                kVersionIsWhole,
                ", rank, marker FROM version WHERE bucket = ?1 AND (key, rank) >= (?2, ?3) "
                "ORDER BY key, rank");
}

// For those who can do nothing with a record that is damaged.
template <class T>
Result<std::optional<T>> whole(Result<Found<T>> found) {
  Found<T> record = TRY(std::move(found));
  if (!record) {
    return std::nullopt;
  }
  return std::optional<T>(TRY(*std::move(record)));
}

}  // namespace

Result<std::unique_ptr<IndexReader>> IndexReader::open(const std::string& path, bool is_durable) {
  std::unique_ptr<IndexReader> reader(new IndexReader(TRY(Database::open(path, is_durable))));
  Database& database = *reader->database_;
  reader->find_ = TRY(database.prepare(object_rows("WHERE bucket = ?1 AND key = ?2")));
  reader->find_version_ =
      TRY(database.prepare(version_rows("WHERE bucket = ?1 AND key = ?2 AND id = ?3")));
  reader->newest_version_ =
      TRY(database.prepare(version_rows("WHERE bucket = ?1 AND key = ?2 ORDER BY rank LIMIT 1")));
  reader->version_scan_ = TRY(database.prepare(version_scan_sql()));
  reader->scan_ =
      TRY(database.prepare(object_rows("WHERE bucket = ?1 AND key >= ?2 ORDER BY key")));
  reader->find_upload_ =
      TRY(database.prepare(upload_rows("WHERE bucket = ?1 AND key = ?2 AND id = ?3")));
  reader->parts_ = TRY(database.prepare(part_rows("WHERE upload = ?1 ORDER BY number")));
  reader->uploads_ =
      TRY(database.prepare(upload_rows("WHERE bucket = ?1 AND key >= ?2 ORDER BY key, id")));
  reader->upload_key_ =
      TRY(database.prepare("SELECT key FROM upload WHERE bucket = ?1 AND id = ?2"));
  reader->bytes_ = TRY(database.prepare("SELECT sealed FROM bytes WHERE id = ?1"));
  return reader;
}

Status IndexReader::hold() {
  TRY_STATUS(database_->execute("BEGIN"));
  is_held_ = true;
  return {};
}

void IndexReader::let_go() {
  if (std::exchange(is_held_, false)) {
    // A transaction that has only read: nothing is lost whatever comes of it.
    static_cast<void>(database_->execute("COMMIT"));
  }
}

Result<std::optional<std::string>> IndexReader::bytes(std::string_view file) {
  return one_row<std::string>(bytes_.bind(1, bytes_id(file)),
                              [](const Statement& row) { return std::string(row.bytes(0)); });
}

Result<std::optional<ObjectInfo>> IndexReader::find(std::string_view bucket, std::string_view key) {
  return whole(find_object(find_, bucket, key));
}

Result<std::optional<ObjectInfo>> IndexReader::find_version(std::string_view bucket,
                                                            std::string_view key,
                                                            std::string_view id) {
  return whole<ObjectInfo>(one_row<Result<ObjectInfo>>(
      find_version_.bind(1, bucket).bind(2, key).bind(3, id), version_of));
}

Result<std::optional<ObjectInfo>> IndexReader::newest_version(std::string_view bucket,
                                                              std::string_view key) {
  return whole<ObjectInfo>(
      one_row<Result<ObjectInfo>>(newest_version_.bind(1, bucket).bind(2, key), version_of));
}

Result<std::int64_t> IndexReader::rank_behind(std::string_view bucket,
                                              std::string_view key,
                                              std::string_view version) {
  const Found<ObjectInfo> object = TRY(find_object(find_, bucket, key));
  if (object && *object && shown_version(**object) == version) {
    return kObjectRank + 1;
  }
  const std::optional<std::int64_t> rank = TRY(
      one_row<std::int64_t>(find_version_.bind(1, bucket).bind(2, key).bind(3, version), rank_of));
  return rank ? *rank + 1 : std::numeric_limits<std::int64_t>::min();
}

Result<std::optional<UploadInfo>> IndexReader::find_upload(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view id) {
  return whole(find_one_upload(find_upload_, bucket, key, id));
}

Result<std::vector<PartInfo>> IndexReader::parts(std::string_view upload) {
  return all_rows<PartInfo>(parts_.bind(1, upload), part_of);
}

Status IndexReader::each_upload(std::string_view bucket,
                                std::string_view from,
                                const std::function<bool(UploadInfo)>& visit) {
  uploads_.bind(1, bucket).bind(2, from);
  Result<bool> is_more = uploads_.step();
  while (is_more && *is_more) {
    Result<UploadInfo> upload = upload_of(uploads_);
    if (!upload) {
      is_more = std::unexpected(std::move(upload).error());
    } else {
      is_more = visit(*std::move(upload)) ? uploads_.step() : false;
    }
  }
  uploads_.reset();
  return is_more ? Status() : std::unexpected(std::move(is_more).error());
}

Result<std::optional<std::string>> IndexReader::key_of_upload(std::string_view bucket,
                                                              std::string_view id) {
  return one_row<std::string>(upload_key_.bind(1, bucket).bind(2, id),
                              [](const Statement& row) { return std::string(row.bytes(0)); });
}

Result<std::vector<std::string>> IndexReader::all_files() {
  Statement files =
      TRY(database_->prepare("SELECT file FROM object UNION ALL SELECT file FROM part UNION ALL "
                             "SELECT file FROM version"));
  return all_rows<std::string>(
      files, [](const Statement& row) { return Result<std::string>(row.bytes(0)); });
}

Status IndexReader::each_object(
    const std::function<Status(std::string_view, const ObjectInfo&)>& visit) {
  Statement objects = TRY(
      database_->prepare(object_rows(concat("WHERE ", kObjectIsWhole, " ORDER BY bucket, key"))));
  while (TRY(objects.step())) {
    const ObjectInfo info = TRY(object_of(objects));
    TRY_STATUS(visit(bucket_of(objects), info));
  }
  Statement versions = TRY(database_->prepare(version_rows(
      concat("WHERE marker = 0 AND ", kVersionIsWhole, " ORDER BY bucket, key, rank"))));
  while (TRY(versions.step())) {
    const ObjectInfo info = TRY(version_of(versions));
    TRY_STATUS(visit(bucket_of(versions), info));
  }
  return {};
}

Status IndexReader::each_damaged(const std::function<void(std::string_view)>& show) {
  Statement rows = TRY(database_->prepare(
      concat("SELECT 'the record of an object', bucket, key FROM object WHERE NOT (",
             kObjectIsWhole,
             ") UNION ALL SELECT 'the record of a version', bucket, key FROM version WHERE NOT (",
             kVersionIsWhole,
             ") UNION ALL SELECT 'the record of an upload', bucket, key FROM upload WHERE NOT (",
             kUploadIsWhole,
             ") UNION ALL SELECT 'the record of a part of an upload', upload, number FROM part "
             "WHERE NOT (",
             kPartIsWhole,
             ")")));
  while (TRY(rows.step())) {
    show(concat(rows.bytes(0), " is damaged: ", rows.bytes(1), ", ", rows.bytes(2)));
  }
  return {};
}

}  // namespace signet::objects::impl
