#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/unique_fd.h"

// Files whose name and bytes the system has in memory: reading those blocks nobody, so an event
// loop may.
namespace signet::objects {

// Opens a file for reading. Not valid if that would need the disk, or the system cannot tell
// (Linux before 5.12).
[[nodiscard]] UniqueFd open_if_cached(const std::string& path);

// Fills `out` from `offset` on. False, with `out` in any state, if bytes are missing or would have
// to come from the disk.
[[nodiscard]] bool read_if_cached(int fd, std::uint64_t offset, std::span<char> out);

}  // namespace signet::objects
