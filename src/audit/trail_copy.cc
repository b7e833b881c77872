#include "audit/trail_copy.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include <fcntl.h>

#include "audit/trail_file.h"
#include "base/errno_text.h"
#include "base/place_file.h"
#include "base/strings.h"
#include "facts/errors.h"

namespace signet::audit {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failure(const std::string& path, std::string_view why) {
  return std::unexpected(
      facts::service_failure(concat("audit file ", path, ": cannot copy it: ", why)));
}

}  // namespace

Result<TrailParts> look_at_trail(const std::string& path, std::uint64_t size) {
  TrailParts parts{
      .path = path, .present = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), .size = size};
  if (!parts.present.valid()) {
    return failure(path, errno_text(errno));
  }
  std::ifstream head(head_name(path), std::ios::binary);
  parts.head.assign(std::istreambuf_iterator<char>(head), {});
  const std::string prefix = fs::path(path).filename().string() + ".";
  const fs::path folder = fs::path(path).parent_path();
  std::error_code error;
  fs::directory_iterator entry(folder.empty() ? fs::path(".") : folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    // The head is written in place, so it is copied; the others do not change any more.
    if (name.starts_with(prefix) && name != concat(prefix, "head")) {
      parts.others.push_back(name.substr(prefix.size() - 1));
    }
  }
  return error ? Result<TrailParts>(failure(path, error.message())) : std::move(parts);
}

Status copy_trail(const TrailParts& parts, const std::string& target) {
  for (const std::string& end : parts.others) {
    const int failed = place_file(parts.path + end, target + end, Placing::Link);
    if (failed != 0 && failed != ENOENT) {
      return failure(parts.path + end, errno_text(failed));
    }
  }
  if (!parts.head.empty()) {
    std::ofstream head(head_name(target), std::ios::binary);
    head << parts.head;
    if (!head.flush()) {
      return failure(head_name(parts.path), "the copy cannot be written");
    }
  }
  const int failed = copy_bytes(parts.present.get(), parts.size, target);
  return failed == 0 ? Status() : failure(parts.path, errno_text(failed));
}

}  // namespace signet::audit
