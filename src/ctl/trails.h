#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "audit/trail_file.h"

// Audit trails as commands read them.

namespace signet::ctl {

// The files that were named, or (none) those of a data folder's own trail, the oldest first.
[[nodiscard]] inline std::vector<std::string> trail_files(const std::vector<std::string>& named,
                                                          const std::string& data_folder) {
  if (!named.empty()) {
    return named;
  }
  const std::string trail = data_folder + "/audit.jsonl";
  std::vector<std::string> files = audit::rotated_files(trail);
  files.push_back(trail);
  return files;
}

// Calls add(line) for each line of a file. False: it cannot be read.
template <class Add>
[[nodiscard]] bool read_trail(const std::string& file, Add add) {
  std::ifstream in(file, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    add(line);
  }
  return in.is_open() && !in.bad();
}

}  // namespace signet::ctl
