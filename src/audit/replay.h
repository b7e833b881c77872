#pragma once

#include <string>
#include <string_view>

namespace signet::audit {

// The value of a record's eventID member; empty if it has none. A caller's text cannot pass for it:
// quotes inside values are escaped, and the first member of that name is ours.
[[nodiscard]] std::string_view event_id_of(std::string_view line);

// Those of the lines whose eventID is in none of the last five files of the trail at `path`.
[[nodiscard]] std::string missing_lines(std::string_view lines, const std::string& path);

}  // namespace signet::audit
