#pragma once

#include <cstdint>
#include <string>

namespace signet {

// How a file gets a second place. Where the file system can share blocks between files (Btrfs,
// XFS), both ways do that first: nothing is copied, and the files are independent.
enum class Placing : std::uint8_t {
  Link,  // one file with two names; a copy where that cannot be
  Copy,  // a file of its own
};

// Gives the file `from` the place `to`, where there is nothing, with mode 0600; what was copied is
// on the disk then (its name is not: flush the folder). 0, or an errno value: then there is nothing
// at `to`.
[[nodiscard]] int place_file(const std::string& from, const std::string& to, Placing how);

// The first `size` bytes of an open file, from its start, as a new file. As place_file().
[[nodiscard]] int copy_bytes(int from, std::uint64_t size, const std::string& to);

}  // namespace signet
