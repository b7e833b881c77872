#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signet::server {

// One key of a file of settings, at the top of it.
struct FileSetting {
  std::string name;
  std::vector<std::string> values;  // as flags take them; of a switch "true" or "false"
  int line = 0;
};

// The keys of a TOML text, in the order of their lines: texts, numbers, truth values, and lists of
// them. `path` is for complaints. Fails with InvalidInput, with path and line, for what is not TOML
// or has tables, dates or lists of lists.
[[nodiscard]] Result<std::vector<FileSetting>> parse_settings(std::string_view text,
                                                              const std::string& path);

// The same of a file.
[[nodiscard]] Result<std::vector<FileSetting>> read_settings_file(const std::string& path);

}  // namespace signet::server
