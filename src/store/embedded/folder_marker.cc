#include "store/embedded/folder_marker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"
#include "store/embedded/flush_folder.h"

namespace signet::store {
namespace {

// On disk, docs/formats/store.md.
constexpr std::string_view kFirstWords = "signet folder ";
constexpr std::int64_t kVersion = 2;  // 1 had no line for the audit trail
constexpr std::string_view kAuditLine = "audit";
constexpr std::string_view kStoreLine = "store ";
constexpr std::string_view kObjectsLine = "objects ";
constexpr std::size_t kIdMax = 64;
constexpr std::size_t kSizeMax = 4096;

std::unexpected<Error> refuse(const std::string& path, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("data folder: the file ", path, " ", why)));
}

std::string path_of(const std::string& folder) {
  return concat(folder, "/", kFolderMarkerName);
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kIdMax &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// Of the first line; nothing for any other line.
std::optional<std::int64_t> version_in(std::string_view line) {
  return line.starts_with(kFirstWords) ? parse_decimal(line.substr(kFirstWords.size()))
                                       : std::nullopt;
}

// False: a line that this program does not know.
bool read_line(std::string_view line, FolderMarker& marker) {
  if (line == kAuditLine && !marker.has_audit) {
    marker.has_audit = true;
    return true;
  }
  for (const auto& [name, id] :
       {std::pair(kStoreLine, &marker.store), std::pair(kObjectsLine, &marker.objects)}) {
    if (line.starts_with(name) && id->empty() && is_id(line.substr(name.size()))) {
      *id = line.substr(name.size());
      return true;
    }
  }
  return false;
}

// Nothing: not what write_folder_marker() wrote.
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
    const bool is_known = is_first ? version_in(line).value_or(0) >= 1 : read_line(line, marker);
    if (!is_known) {
      return std::nullopt;
    }
    is_first = false;
  }
  return is_first ? std::nullopt : std::optional(marker);
}

}  // namespace

Status check_folder_purpose(const std::string& path) {
  const auto has = [&path](const char* name) {
    return access(concat(path, "/", name).c_str(), F_OK) == 0;
  };
  std::string_view why;
  if (has(kUnfinishedRestoreName)) {
    why = "a restore into it was not finished: remove the folder and restore the backup again";
  } else if (has(kBackupManifestName)) {
    why = "it is a backup: `signet restore` makes a data folder of it, elsewhere";
  } else if (has(kUnfinishedBackupName)) {
    why = "it is a backup that was not finished: remove it";
  } else {
    return {};
  }
  return std::unexpected(facts::service_failure(concat("data folder ", path, ": ", why)));
}

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
  const std::string_view text(buffer.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
  const auto version = version_in(text.substr(0, text.find('\n')));
  if (version && *version > kVersion) {
    return refuse(path,
                  concat("says that the folder has version ",
                         std::to_string(*version),
                         ", but this program knows versions up to ",
                         std::to_string(kVersion),
                         ": run a newer program"));
  }
  const auto marker = parse(text);
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
  // A folder without anything new is one that earlier programs read.
  std::string text = concat(kFirstWords, marker.has_audit ? "2" : "1", "\n");
  if (!marker.store.empty()) {
    text += concat(kStoreLine, marker.store, "\n");
  }
  if (!marker.objects.empty()) {
    text += concat(kObjectsLine, marker.objects, "\n");
  }
  if (marker.has_audit) {
    text += concat(kAuditLine, "\n");
  }
  const UniqueFd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.valid() || (errno = write_all(fd.get(), text)) != 0 || ::fsync(fd.get()) != 0 ||
      std::rename(fresh.c_str(), path.c_str()) != 0) {
    return refuse(path, concat("cannot be written: ", errno_text(errno)));
  }
  return flush_folder(folder);
}

}  // namespace signet::store
