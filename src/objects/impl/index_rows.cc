#include "objects/impl/index_rows.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "objects/impl/index_schema.h"

namespace signet::objects::impl {
namespace {

// `file`: which the record names, if that is what it was.
Error damaged(std::string_view what, std::string_view name, std::string_view file) {
  return storage_error(concat("object index: the record of ",
                              what,
                              " ",
                              name,
                              " is damaged",
                              file.empty() ? "" : "; its file: ",
                              file));
}

}  // namespace

std::string object_rows(std::string_view rest) {
  return concat(
      "SELECT key, file, size, modified, etag, checksum, checksum_kind, checksum_value, "
      "attributes, bucket, ",
      kObjectIsWhole,
      " FROM object ",
      rest);
}

Result<ObjectInfo> object_of(const Statement& row) {
  std::optional<ObjectAttributes> attributes = decode_attributes(row.bytes(8));
  if (!attributes || row.number(10) != 1) {
    return std::unexpected(damaged("the object", row.bytes(0), row.bytes(1)));
  }
  ObjectInfo info{.key = std::string(row.bytes(0)),
                  .etag = std::string(row.bytes(4)),
                  .size = static_cast<std::uint64_t>(row.number(2)),
                  .modified = Instant{row.number(3)},
                  .checksum = std::nullopt,
                  .headers = std::move(attributes->headers),
                  .part_sizes = std::move(attributes->part_sizes),
                  .part_checksums = std::move(attributes->part_checksums),
                  .upload = std::move(attributes->upload),
                  .file = std::string(row.bytes(1)),
                  .is_sealed = attributes->is_sealed,
                  .version = std::move(attributes->version)};
  if (row.number(5) != 0) {
    info.checksum =
        ObjectChecksum{.algorithm = static_cast<crypto::ChecksumAlgorithm>(row.number(5)),
                       .kind = static_cast<ChecksumKind>(row.number(6)),
                       .value = std::string(row.bytes(7))};
  }
  return info;
}

std::string version_rows(std::string_view rest) {
  return concat(
      "SELECT key, file, size, modified, etag, checksum, checksum_kind, checksum_value, "
      "attributes, bucket, ",
      kVersionIsWhole,
      ", rank, marker FROM version ",
      rest);
}

Result<ObjectInfo> version_of(const Statement& row) {
  ObjectInfo info = TRY(object_of(row));
  info.is_marker = row.number(12) != 0;
  return info;
}

std::int64_t rank_of(const Statement& row) {
  return row.number(11);
}

std::string_view bucket_of(const Statement& row) {
  return row.bytes(9);
}

std::string_view key_of(const Statement& row) {
  return row.bytes(0);
}

std::string upload_rows(std::string_view rest) {
  return concat("SELECT key, id, initiated, checksum, checksum_kind, initiator, attributes, base, ",
                kUploadIsWhole,
                " FROM upload ",
                rest);
}

Result<UploadInfo> upload_of(const Statement& row) {
  std::optional<ObjectAttributes> attributes = decode_attributes(row.bytes(6));
  if (!attributes || row.number(8) != 1) {
    return std::unexpected(damaged("the upload", row.bytes(1), ""));
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

std::string part_rows(std::string_view rest) {
  return concat("SELECT number, file, size, modified, etag, checksum_value, checksum, upload, ",
                kPartIsWhole,
                ", sealed, crc64 FROM part ",
                rest);
}

Result<PartInfo> part_of(const Statement& row) {
  if (row.number(8) != 1) {
    return std::unexpected(damaged("a part of the upload", row.bytes(7), row.bytes(1)));
  }
  PartInfo part{.number = row.number(0),
                .etag = std::string(row.bytes(4)),
                .size = static_cast<std::uint64_t>(row.number(2)),
                .modified = Instant{row.number(3)},
                .algorithm = std::nullopt,
                .checksum = std::string(row.bytes(5)),
                .crc64 = std::string(row.bytes(10)),
                .file = std::string(row.bytes(1)),
                .is_sealed = row.number(9) != 0};
  if (row.number(6) != 0) {
    part.algorithm = static_cast<crypto::ChecksumAlgorithm>(row.number(6));
  }
  return part;
}

std::int64_t bytes_id(std::string_view file) {
  std::int64_t id = 0;
  static_cast<void>(std::from_chars(file.data() + 1, file.data() + file.size(), id, 16));
  return id;
}

std::int64_t part_number_of(const Statement& row) {
  return row.number(0);
}

}  // namespace signet::objects::impl
