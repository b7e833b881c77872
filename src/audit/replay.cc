#include "audit/replay.h"

#include <algorithm>
#include <fstream>
#include <unordered_set>
#include <vector>

#include "audit/trail_file.h"

namespace signet::audit {
namespace {

// Lines that are asked for were written moments before a crash.
constexpr std::size_t kFilledFiles = 4;

constexpr std::string_view kMember = "\"eventID\":\"";

template <class Visit>
void each_line(std::string_view lines, Visit visit) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size() - 1);
    visit(lines.substr(0, end + 1));
    lines.remove_prefix(end + 1);
  }
}

}  // namespace

std::string_view event_id_of(std::string_view line) {
  const std::size_t at = line.find(kMember);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = line.substr(at + kMember.size());
  return rest.substr(0, rest.find('"'));
}

std::string missing_lines(std::string_view lines, const std::string& path) {
  std::unordered_set<std::string> wanted;
  each_line(lines, [&](std::string_view line) { wanted.emplace(event_id_of(line)); });
  std::vector<std::string> files = rotated_files(path);
  files.erase(files.begin(),
              files.end() - static_cast<std::ptrdiff_t>(std::min(files.size(), kFilledFiles)));
  files.push_back(path);
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    for (std::string line; std::getline(in, line);) {
      wanted.erase(std::string(event_id_of(line)));
    }
  }
  std::string missing;
  each_line(lines, [&](std::string_view line) {
    if (wanted.contains(std::string(event_id_of(line)))) {
      missing += line;
    }
  });
  return missing;
}

}  // namespace signet::audit
