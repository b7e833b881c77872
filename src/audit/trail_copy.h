#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace signet::audit {

// What is to be copied of a trail: its files as they were when nobody appended.
struct TrailParts {
  std::string path;
  UniqueFd present;                 // the file that is written now,
  std::uint64_t size = 0;           // and how much of it
  std::string head;                 // what the head file says; empty: there is none
  std::vector<std::string> others;  // ends of the names of files that do not change any more
};

// While nobody appends; `size` is that of the present file.
[[nodiscard]] Result<TrailParts> look_at_trail(const std::string& path, std::uint64_t size);

// Makes the files of a trail at `target`. Appending may go on meanwhile; files that the trail drops
// are not copied.
[[nodiscard]] Status copy_trail(const TrailParts& parts, const std::string& target);

}  // namespace signet::audit
