#include "objects/impl/index_schema.h"

#include <cstdint>

#include "base/log.h"
#include "base/strings.h"

namespace signet::objects::impl {
namespace {

constexpr std::int64_t kSchemaVersion = 6;

constexpr const char* kSchema = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS object(
  bucket BLOB NOT NULL, key BLOB NOT NULL, file BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
  etag BLOB NOT NULL, checksum INTEGER NOT NULL, checksum_kind INTEGER NOT NULL, checksum_value BLOB NOT NULL,
  attributes BLOB NOT NULL, digest INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload(
  bucket BLOB NOT NULL, key BLOB NOT NULL, id BLOB NOT NULL, initiated INTEGER NOT NULL, checksum INTEGER NOT NULL,
  checksum_kind INTEGER NOT NULL, initiator BLOB NOT NULL, attributes BLOB NOT NULL, base BLOB,
  digest INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(bucket, key, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part(
  upload BLOB NOT NULL, number INTEGER NOT NULL, file BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
  etag BLOB NOT NULL, checksum_value BLOB NOT NULL, checksum INTEGER NOT NULL DEFAULT 0,
  sealed INTEGER NOT NULL DEFAULT 0, crc64 BLOB NOT NULL DEFAULT x'', digest INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(upload, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS version(
  bucket BLOB NOT NULL, key BLOB NOT NULL, rank INTEGER NOT NULL, id BLOB NOT NULL, marker INTEGER NOT NULL,
  file BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, etag BLOB NOT NULL, checksum INTEGER NOT NULL,
  checksum_kind INTEGER NOT NULL, checksum_value BLOB NOT NULL, attributes BLOB NOT NULL,
  digest INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(bucket, key, rank)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS version_id ON version(bucket, key, id);
CREATE TABLE IF NOT EXISTS removal(bucket BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bytes(id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
PRAGMA user_version = 6;
COMMIT;
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

// Version 5 had all bytes in files. Version 4 has its tables: programs that know it would show
// access control lists among the headers of objects, let in whom they do not, and delete what is
// locked.
constexpr const char* kFromVersion4 = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE bytes(id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
PRAGMA user_version = 6;
COMMIT;
)sql";

// Of the versions that had no encrypted parts.
constexpr std::string_view kPartWasWhole =
    "row_check(upload, number, file, size, modified, etag, checksum_value, checksum) = digest";

// Version 3 had neither encrypted files nor versions of objects. A record that was damaged stays
// it.
Status from_version_3(Database& database) {
  const std::string_view digest = kPartIsWhole.substr(0, kPartIsWhole.rfind(" ="));
  return database.execute(concat(R"sql(
BEGIN IMMEDIATE;
ALTER TABLE part ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE part ADD COLUMN crc64 BLOB NOT NULL DEFAULT x'';
UPDATE part SET digest = )sql",
                                 digest,
                                 " WHERE ",
                                 kPartWasWhole,
                                 R"sql(;
CREATE TABLE version(
  bucket BLOB NOT NULL, key BLOB NOT NULL, rank INTEGER NOT NULL, id BLOB NOT NULL, marker INTEGER NOT NULL,
  file BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, etag BLOB NOT NULL, checksum INTEGER NOT NULL,
  checksum_kind INTEGER NOT NULL, checksum_value BLOB NOT NULL, attributes BLOB NOT NULL,
  digest INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(bucket, key, rank)) WITHOUT ROWID;
CREATE UNIQUE INDEX version_id ON version(bucket, key, id);
PRAGMA user_version = 4;
COMMIT;
)sql")
                              .c_str());
}

// Version 2 had no digests of its records, and no list of buckets that are being removed.
Status from_version_2(Database& database) {
  TRY_STATUS(database.execute(R"sql(
BEGIN IMMEDIATE;
ALTER TABLE object ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE upload ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE part ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;
CREATE TABLE removal(bucket BLOB PRIMARY KEY) WITHOUT ROWID;
)sql"));
  const auto fill = [&](std::string_view table, std::string_view is_whole) {
    const std::string_view digest = is_whole.substr(0, is_whole.rfind(" ="));
    return database.execute(concat("UPDATE ", table, " SET digest = ", digest).c_str());
  };
  TRY_STATUS(fill("object", kObjectIsWhole));
  TRY_STATUS(fill("upload", kUploadIsWhole));
  TRY_STATUS(fill("part", kPartWasWhole));
  return database.execute("PRAGMA user_version = 3; COMMIT;");
}

}  // namespace

Status prepare_schema(Database& database, bool may_make, std::string_view path) {
  const std::int64_t version = TRY(database.number("PRAGMA user_version"));
  if (version > kSchemaVersion) {
    return std::unexpected(storage_error(concat("object index ",
                                                path,
                                                ": has version ",
                                                std::to_string(version),
                                                ", but this program knows versions up to ",
                                                std::to_string(kSchemaVersion),
                                                ": run a newer program")));
  }
  if (version == 0 && !may_make) {
    return std::unexpected(storage_error(
        concat("object index ",
               path,
               ": holds no tables, but objects were stored here: restore the whole folder from a "
               "backup")));
  }
  if (version == 0) {
    return database.execute(kSchema);
  }
  if (version < kSchemaVersion) {
    log(LogLevel::Warning,
        "folder_upgrade",
        {{"file", path},
         {"from", std::to_string(version)},
         {"to", std::to_string(kSchemaVersion)},
         {"back", "restore a backup"}});
  }
  if (version == 1) {
    TRY_STATUS(database.execute(kFromVersion1));
  }
  if (version < 3) {
    TRY_STATUS(from_version_2(database));
  }
  if (version < 4) {
    TRY_STATUS(from_version_3(database));
  }
  return version < kSchemaVersion ? database.execute(kFromVersion4) : Status();
}

}  // namespace signet::objects::impl
