#pragma once

#include <cstddef>
#include <filesystem>

#include "objects/impl/database.h"

namespace signet::objects {

// How many objects and parts the bytes of which lie in the store's folder: files, and rows of the
// index.
inline std::size_t count_bodies(const std::filesystem::path& folder) {
  const auto index = impl::Database::open((folder / "index.db").string(), false).value();
  auto count = static_cast<std::size_t>(index->number("SELECT count(*) FROM bytes").value());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "data")) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

}  // namespace signet::objects
