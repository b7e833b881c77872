#include "store/embedded/folder_marker.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "store/embedded/data_folder.h"

namespace signet::store {
namespace {

// On disk, docs/formats/store.md.
constexpr std::string_view kFirstLine = "signet folder 1";
constexpr std::string_view kStoreLine = "store";
constexpr std::string_view kObjectsLine = "objects";
constexpr std::size_t kSizeMax = 4096;

std::unexpected<Error> refuse(const std::string& path, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("data folder: the file ", path, " ", why)));
}

std::string path_of(const std::string& folder) {
  return concat(folder, "/", kFolderMarkerName);
}

// Nothing: a line that this program does not know.
std::optional<FolderMarker> parse(std::string_view text) {
  FolderMarker marker;
  bool is_first = true;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (is_first ? line != kFirstLine : line != kStoreLine && line != kObjectsLine) {
      return std::nullopt;
    }
    is_first = false;
    marker.has_store = marker.has_store || line == kStoreLine;
    marker.has_objects = marker.has_objects || line == kObjectsLine;
  }
  return is_first ? std::nullopt : std::optional(marker);
}

bool write_all(int fd, std::string_view text) {
  return ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         fsync(fd) == 0;
}

}  // namespace

Result<std::optional<FolderMarker>> read_folder_marker(const std::string& folder) {
  const std::string path = path_of(folder);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return errno == ENOENT ? Result<std::optional<FolderMarker>>(std::nullopt)
                           : refuse(path, concat("cannot be read: ", errno_text(errno)));
  }
  std::array<char, kSizeMax> buffer{};
  const ssize_t size = ::read(fd, buffer.data(), buffer.size());
  close(fd);
  const auto marker = size < 0
                          ? std::nullopt
                          : parse(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
  if (!marker) {
    return refuse(path,
                  "is damaged or of a newer program: restore the whole folder from a backup, or "
                  "run that program");
  }
  return marker;
}

Status write_folder_marker(const std::string& folder, const FolderMarker& marker) {
  const std::string path = path_of(folder);
  const std::string fresh = concat(path, ".new");
  const std::string text = concat(kFirstLine,
                                  "\n",
                                  marker.has_store ? concat(kStoreLine, "\n") : "",
                                  marker.has_objects ? concat(kObjectsLine, "\n") : "");
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool is_written = fd >= 0 && write_all(fd, text);
  const int number = errno;
  if (fd >= 0) {
    close(fd);
  }
  if (!is_written || std::rename(fresh.c_str(), path.c_str()) != 0) {
    return refuse(path, concat("cannot be written: ", errno_text(is_written ? errno : number)));
  }
  return flush_folder(folder);
}

}  // namespace signet::store
