#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace signet::audit {

// Decides whether a line is the one that is looked for.
using IsWanted = std::function<bool(std::string_view line)>;

// The newest line of the trail at `path`, filled files included, that holds `part` and is wanted;
// nothing when there is none. Reads files that a server may be writing; a line that is not whole
// yet is passed over.
[[nodiscard]] std::optional<std::string> find_line(const std::string& path,
                                                   std::string_view part,
                                                   const IsWanted& is_wanted);

}  // namespace signet::audit
