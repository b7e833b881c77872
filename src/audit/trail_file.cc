#include "audit/trail_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"

namespace signet::audit {
namespace {

constexpr std::size_t kSequenceDigits = 12;
constexpr std::uint64_t kFirstWindow = 64 * 1024;

std::unexpected<Error> failure(std::string_view doing, std::string_view path, int error) {
  return std::unexpected(facts::service_failure(
      concat("cannot ", doing, " audit file ", path, ": ", errno_text(error))));
}

int open_append(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

std::optional<ChainTail> tail_of_first_line(const std::string& path, std::string& line) {
  std::ifstream in(path, std::ios::binary);
  std::getline(in, line);
  return read_chain_tail(line);
}

// The last point of the filled files; the beginning if there are none.
ChainPoint end_of_filled(const std::string& path) {
  const std::vector<std::string> files = rotated_files(path);
  if (files.empty()) {
    return {};
  }
  const auto end = read_end(files.back());
  const auto tail = end ? read_chain_tail(end->last_line) : std::nullopt;
  return tail ? tail->point : ChainPoint();
}

}  // namespace

std::string rotated_name(const std::string& path, std::uint64_t first_sequence) {
  std::string digits = std::to_string(first_sequence);
  digits.insert(0, kSequenceDigits - std::min(kSequenceDigits, digits.size()), '0');
  return concat(path, ".", digits);
}

std::string head_name(const std::string& path) {
  return path + ".head";
}

Result<std::string> read_bytes(int fd, std::uint64_t begin, std::uint64_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(begin + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return std::unexpected(
          facts::service_failure(concat("the audit trail cannot be read: ", errno_text(errno))));
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::optional<std::uint64_t> first_sequence(int fd) {
  constexpr std::uint64_t kBlock = 16 * 1024;
  std::string head;
  while (head.find('\n') == std::string::npos) {
    const auto more = read_bytes(fd, head.size(), kBlock);
    if (!more || more->empty()) {
      return std::nullopt;
    }
    head += *more;
  }
  const auto tail = read_chain_tail(std::string_view(head).substr(0, head.find('\n')));
  return tail ? std::optional(tail->point.sequence) : std::nullopt;
}

std::vector<std::string> rotated_files(const std::string& path) {
  const std::string prefix = std::filesystem::path(path).filename().string() + ".";
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder_of(path), error), last; !error && it != last;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool is_ours =
        name.size() == prefix.size() + kSequenceDigits && name.starts_with(prefix) &&
        std::all_of(
            name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(), is_digit);
    if (is_ours) {
      files.push_back(concat(path, ".", std::string_view(name).substr(prefix.size())));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<FileEnd> read_end(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) {
    return failure("read", path, errno);
  }
  FileEnd end{.size = static_cast<std::uint64_t>(in.tellg()), .whole_size = 0, .last_line = {}};
  for (std::uint64_t window = kFirstWindow;; window *= 4) {
    const std::uint64_t start = end.size > window ? end.size - window : 0;
    std::string text(end.size - start, '\0');
    in.seekg(static_cast<std::streamoff>(start));
    if (!in.read(text.data(), static_cast<std::streamsize>(text.size()))) {
      return failure("read", path, EIO);
    }
    const std::size_t newline = text.rfind('\n');
    const std::size_t before = newline == std::string::npos || newline == 0
                                   ? std::string::npos
                                   : text.rfind('\n', newline - 1);
    if (before == std::string::npos && start > 0) {
      continue;  // the last line begins further up
    }
    if (newline != std::string::npos) {
      end.whole_size = start + newline + 1;
      end.last_line = text.substr(before + 1, newline - before - 1);
    }
    return end;
  }
}

Result<std::unique_ptr<TrailFile>> TrailFile::open(Options options) {
  std::unique_ptr<TrailFile> file(new TrailFile(std::move(options)));
  TRY_STATUS(file->open_first());
  return file;
}

Status TrailFile::open_first() {
  fd_ = open_append(options_.path);
  if (fd_ < 0) {
    return failure("open", options_.path, errno);
  }
  rotate_at_ = options_.rotate_bytes;
  if (const int error = look_at_file(); error != 0) {
    return failure("open", options_.path, error);
  }
  return is_regular_ ? find_end() : Status();
}

int TrailFile::look_at_file() {
  struct stat about{};
  if (::fstat(fd_, &about) != 0) {
    return errno;
  }
  is_regular_ = S_ISREG(about.st_mode);
  size_ = is_regular_ ? static_cast<std::uint64_t>(about.st_size) : 0;
  return is_regular_ && about.st_nlink == 0 ? ENOENT : 0;
}

Status TrailFile::find_end() {
  FileEnd end = TRY(read_end(options_.path));
  if (end.whole_size < end.size) {
    if (::ftruncate(fd_, static_cast<off_t>(end.whole_size)) != 0) {
      return failure("mend", options_.path, errno);
    }
    size_ = end.whole_size;
    findings_.push_back(
        concat("the last ",
               std::to_string(end.size - end.whole_size),
               " bytes were a record that was not written whole; they were cut off"));
  }
  auto tail = read_chain_tail(end.last_line);
  if (!end.last_line.empty() && !tail) {
    TRY_STATUS(move_aside());
  }
  std::string first_line;
  const auto first = tail ? tail_of_first_line(options_.path, first_line) : std::nullopt;
  end_ = tail ? std::move(tail->point) : end_of_filled(options_.path);
  compare_with_head();
  first_sequence_ = first ? first->point.sequence : end_.sequence + 1;
  return {};
}

// A file that no trail of ours continues: of an earlier version, or somebody else's.
Status TrailFile::move_aside() {
  std::string target = options_.path + ".unchained";
  std::error_code error;  // what cannot be looked at, rename() fails on and names
  for (int i = 2; std::filesystem::exists(target, error); ++i) {
    target = concat(options_.path, ".unchained.", std::to_string(i));
  }
  if (std::rename(options_.path.c_str(), target.c_str()) != 0) {
    return failure("move aside", options_.path, errno);
  }
  findings_.push_back(concat("the file had no chained records; it is now ", target));
  if (const int reason = reopen(); reason != 0) {
    return failure("open", options_.path, reason);
  }
  return {};
}

void TrailFile::compare_with_head() {
  std::ifstream in(head_name(options_.path), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto head = read_head(text);
  if (!head || head->sequence < end_.sequence || *head == end_) {
    return;
  }
  findings_.push_back(concat("the trail once ended with record ",
                             std::to_string(head->sequence),
                             head->sequence == end_.sequence
                                 ? std::string(", which is another one now")
                                 : concat(" and now ends with ", std::to_string(end_.sequence)),
                             ": records were removed or changed"));
  end_ = *head;
}

TrailFile::~TrailFile() {
  [[maybe_unused]] const int error = sync();
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

int TrailFile::append(std::string_view lines) {
  if (const int error = look_at_file(); error != 0) {
    if (const int reopened = reopen(); reopened != 0) {
      return reopened;
    }
  }
  if (torn_from_) {
    if (::ftruncate(fd_, static_cast<off_t>(*torn_from_)) != 0) {
      return errno;
    }
    size_ = *std::exchange(torn_from_, std::nullopt);
  }
  sealed_.clear();
  ChainPoint next = end_;
  bool begins_file = size_ == 0;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    append_chained(sealed_, lines.substr(0, end), next, begins_file);
    begins_file = false;
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
  if (const int error = write_all(fd_, sealed_); error != 0) {
    if (is_regular_ && ::ftruncate(fd_, static_cast<off_t>(size_)) != 0) {
      torn_from_ = size_;
    }
    return error;
  }
  end_ = std::move(next);
  size_ += sealed_.size();
  is_synced_ = false;
  if (is_regular_ && size_ >= rotate_at_) {
    rotate();
  }
  return 0;
}

int TrailFile::sync() {
  const auto job = start_sync();
  if (!job) {
    return 0;
  }
  const int error = wait_for_disk(*job);
  if (error == 0) {
    finish_sync(*job);
  }
  return error;
}

std::optional<TrailFile::SyncJob> TrailFile::start_sync() const {
  if (is_synced_ || !is_regular_) {
    return std::nullopt;
  }
  return SyncJob{.fd = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0), .end = end_};
}

int TrailFile::wait_for_disk(const SyncJob& job) {
  const int error = ::fdatasync(job.fd) == 0 ? 0 : errno;
  ::close(job.fd);
  return error;
}

void TrailFile::finish_sync(const SyncJob& job) {
  is_synced_ = is_synced_ || job.end == end_;
  write_head(job.end);
}

// Not flushed: after a power failure it may be behind the trail, never ahead of it.
void TrailFile::write_head(const ChainPoint& point) {
  const std::string text = format_head(point);
  const int fd = ::open(head_name(options_.path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(fd, text.data(), text.size(), 0);
    ::close(fd);
  }
}

int TrailFile::reopen() {
  [[maybe_unused]] const int synced = sync();
  const int fresh = open_append(options_.path);
  if (fresh < 0) {
    return errno;
  }
  ::close(std::exchange(fd_, fresh));
  torn_from_.reset();
  rotate_at_ = options_.rotate_bytes;
  const int error = look_at_file();
  if (size_ == 0) {
    first_sequence_ = end_.sequence + 1;
  }
  return error;
}

void TrailFile::rotate() {
  const std::string target = rotated_name(options_.path, first_sequence_);
  const bool is_synced = sync() == 0;
  if (!is_synced ||
      ::renameat2(AT_FDCWD, options_.path.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) !=
          0) {
    rotate_at_ = size_ + options_.rotate_bytes;  // later; until then this file grows
    return;
  }
  if (reopen() != 0) {
    std::rename(target.c_str(), options_.path.c_str());
    rotate_at_ = size_ + options_.rotate_bytes;
    return;
  }
  static_cast<void>(sync_folder(folder_of(options_.path)));
  std::vector<std::string> files = rotated_files(options_.path);
  const auto kept = static_cast<std::size_t>(options_.keep);
  for (std::size_t i = 0; options_.keep > 0 && i + kept < files.size(); ++i) {
    ::unlink(files[i].c_str());
  }
}

}  // namespace signet::audit
