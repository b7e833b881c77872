#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "objects/impl/database.h"
#include "objects/object_info.h"
#include "objects/upload_info.h"

// How rows of bound statements become records, for those who write the index and those who read it.
namespace signet::objects::impl {

// A record that was looked for: nothing if there is none; inside, S3InternalError with a cause that
// names it if it is not what was written. It stands there all the same and can be replaced.
template <class T>
using Found = std::optional<Result<T>>;

// The row of a bound statement that has at most one, turned into a T.
template <class T, class Take>
Result<std::optional<T>> one_row(Statement& statement, Take take) {
  const Result<bool> row = statement.step();
  Result<std::optional<T>> out = std::nullopt;
  if (!row) {
    out = std::unexpected(row.error());
  } else if (*row) {
    out = std::optional<T>(take(statement));
  }
  statement.reset();
  return out;
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

// What a statement that selects object_rows() by bucket and key, or upload_rows() by bucket, key
// and id, finds.
[[nodiscard]] Result<Found<ObjectInfo>> find_object(Statement& find,
                                                    std::string_view bucket,
                                                    std::string_view key);
[[nodiscard]] Result<Found<UploadInfo>> find_one_upload(Statement& find,
                                                        std::string_view bucket,
                                                        std::string_view key,
                                                        std::string_view id);

}  // namespace signet::objects::impl
