#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "objects/impl/database.h"
#include "objects/object_info.h"
#include "objects/upload_info.h"

// How objects, uploads and parts stand in the index: what to select, and what a row says. `rest`
// are the clauses after FROM. A row that is not what was written is S3InternalError with a cause
// that names it.
namespace signet::objects::impl {

[[nodiscard]] std::string object_rows(std::string_view rest);
[[nodiscard]] Result<ObjectInfo> object_of(const Statement& row);
// The bucket and the key of such a row, damaged or not.
[[nodiscard]] std::string_view bucket_of(const Statement& row);
[[nodiscard]] std::string_view key_of(const Statement& row);

// Versions that are not their keys' objects, delete markers among them.
[[nodiscard]] std::string version_rows(std::string_view rest);
[[nodiscard]] Result<ObjectInfo> version_of(const Statement& row);
// The place of such a row among those of its key, damaged or not: the least is the newest.
[[nodiscard]] std::int64_t rank_of(const Statement& row);

[[nodiscard]] std::string upload_rows(std::string_view rest);
[[nodiscard]] Result<UploadInfo> upload_of(const Statement& row);

[[nodiscard]] std::string part_rows(std::string_view rest);
[[nodiscard]] Result<PartInfo> part_of(const Statement& row);
// The number of such a row, damaged or not.
[[nodiscard]] std::int64_t part_number_of(const Statement& row);

// The row of `bytes` for bytes that stand under this name (is_in_index()).
[[nodiscard]] std::int64_t bytes_id(std::string_view file);

}  // namespace signet::objects::impl
