#include "audit/find.h"

#include <fstream>
#include <utility>
#include <vector>

#include "audit/trail_file.h"

namespace signet::audit {
namespace {

std::optional<std::string> newest_in(const std::string& file,
                                     std::string_view part,
                                     const IsWanted& is_wanted) {
  std::optional<std::string> found;
  std::ifstream in(file, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const bool is_whole = line.ends_with('}');
    if (is_whole && line.find(part) != std::string::npos && is_wanted(line)) {
      found = std::move(line);
    }
  }
  return found;
}

}  // namespace

std::optional<std::string> find_line(const std::string& path,
                                     std::string_view part,
                                     const IsWanted& is_wanted) {
  std::vector<std::string> files = rotated_files(path);
  files.push_back(path);
  while (!files.empty()) {
    if (auto found = newest_in(files.back(), part, is_wanted)) {
      return found;
    }
    files.pop_back();
  }
  return std::nullopt;
}

}  // namespace signet::audit
