#pragma once

#include <string_view>

#include "base/result.h"
#include "objects/impl/database.h"

namespace signet::objects::impl {

// Makes the tables of a new index, or brings an older one to the present version
// (docs/formats/objects.md). `may_make` false: an index without tables is refused. `path` is for
// messages.
[[nodiscard]] Status prepare_schema(Database& database, bool may_make, std::string_view path);

// SQL: a record is what was written.
inline constexpr std::string_view kObjectIsWhole =
    "row_check(bucket, key, file, size, modified, etag, checksum, checksum_kind, checksum_value, "
    "attributes) = digest";
inline constexpr std::string_view kUploadIsWhole =
    "row_check(bucket, key, id, initiated, checksum, checksum_kind, initiator, attributes, base) = "
    "digest";
inline constexpr std::string_view kPartIsWhole =
    "row_check(upload, number, file, size, modified, etag, checksum_value, checksum, sealed) = "
    "digest";
inline constexpr std::string_view kVersionIsWhole =
    "row_check(bucket, key, rank, id, marker, file, size, modified, etag, checksum, checksum_kind, "
    "checksum_value, attributes) = digest";

}  // namespace signet::objects::impl
