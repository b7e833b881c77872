#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signet::audit {

// A place between two lines of a trail, which stays what it is while the trail grows and its files
// are renamed.
struct TrailPlace {
  std::uint64_t file = 0;  // number of the first record of the file
  std::uint64_t end = 0;   // bytes of that file that lie before the place

  bool operator==(const TrailPlace&) const = default;
};

// Looks at a line, without its newline. False: no more; the line is not taken and is the first one
// to be read from the place that read_newest_first() answers.
using TakesLine = std::function<bool(std::string_view line)>;

// Reads the trail at `path`, filled files included, from its newest line, or from the one before
// `from`, to its oldest. Answers where it stopped because a line was not taken or about `max_bytes`
// were read; nothing: there are no older lines. A server may be writing the files; what is not
// whole yet is passed over, and so are files that are taken away meanwhile. Fails if the present
// file cannot be read.
[[nodiscard]] Result<std::optional<TrailPlace>> read_newest_first(
    const std::string& path,
    const std::optional<TrailPlace>& from,
    std::uint64_t max_bytes,
    const TakesLine& take);

}  // namespace signet::audit
