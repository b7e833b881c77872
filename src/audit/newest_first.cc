#include "audit/newest_first.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/trail_file.h"
#include "base/errno_text.h"
#include "base/strings.h"
#include "base/unique_fd.h"
#include "facts/errors.h"

namespace signet::audit {
namespace {

constexpr std::uint64_t kBlock = 256 * 1024;

// One file of a trail. The present one is open, since its name may become another file's.
struct File {
  std::uint64_t first = 0;  // number of its first record
  std::string path;
  UniqueFd open;
};

std::uint64_t size_of(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

// Oldest first. A file that is filled between the two looks is met once: by what it is now.
Result<std::vector<File>> files_of(const std::string& path) {
  UniqueFd present(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!present.valid()) {
    return std::unexpected(
        facts::service_failure(concat("cannot read ", path, ": ", errno_text(errno))));
  }
  const auto first = first_sequence(present.get());
  std::vector<File> files;
  for (std::string& filled : rotated_files(path)) {
    const auto number = parse_decimal(std::string_view(filled).substr(path.size() + 1));
    if (number && (!first || static_cast<std::uint64_t>(*number) < *first)) {
      files.push_back(
          {.first = static_cast<std::uint64_t>(*number), .path = std::move(filled), .open = {}});
    }
  }
  if (first) {
    files.push_back({.first = *first, .path = path, .open = std::move(present)});
  }
  return files;
}

// Reads one file backwards, in blocks.
class Backwards {
 public:
  Backwards(int fd, std::uint64_t end) : fd_(fd), begin_(end), end_(end) { drop_torn(); }

  // The last line before the ones that were taken, without its newline; nothing at the beginning.
  std::optional<std::string_view> peek() {
    while (end_ > 0) {
      const std::size_t cut =
          bytes_.size() < 2 ? std::string::npos : bytes_.rfind('\n', bytes_.size() - 2);
      if (cut != std::string::npos) {
        return std::string_view(bytes_).substr(cut + 1, bytes_.size() - cut - 2);
      }
      if (begin_ == 0) {
        return std::string_view(bytes_).substr(0, bytes_.size() - 1);
      }
      if (!fetch()) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  void take(std::string_view line) {
    end_ -= line.size() + 1;
    bytes_.resize(bytes_.size() - line.size() - 1);
  }

  // How many bytes lie before the lines that were taken.
  [[nodiscard]] std::uint64_t end() const { return end_; }

 private:
  // One more block in front; false: the file is shorter than it was.
  bool fetch() {
    const std::uint64_t size = std::min(kBlock, begin_);
    const auto block = read_bytes(fd_, begin_ - size, size);
    if (!block || block->size() != size) {
      return false;
    }
    bytes_.insert(0, *block);
    begin_ -= size;
    return true;
  }

  // Bytes behind the last newline are being written.
  void drop_torn() {
    while (end_ > 0 && (bytes_.empty() || bytes_.back() != '\n')) {
      if (bytes_.empty() && !fetch()) {
        end_ = 0;
        return;
      }
      const std::size_t last = bytes_.rfind('\n');
      const std::size_t kept = last == std::string::npos ? 0 : last + 1;
      end_ -= bytes_.size() - kept;
      bytes_.resize(kept);
    }
  }

  int fd_;
  std::uint64_t begin_;  // of bytes_ in the file
  std::uint64_t end_;    // likewise
  std::string bytes_;
};

// Nothing: the whole file was read.
std::optional<TrailPlace> read_file(const File& file,
                                    std::uint64_t end,
                                    std::uint64_t& budget,
                                    const TakesLine& take) {
  Backwards lines(file.open.get(), end);
  while (const auto line = lines.peek()) {
    if (budget == 0 || !take(*line)) {
      return TrailPlace{.file = file.first, .end = lines.end()};
    }
    budget -= std::min<std::uint64_t>(budget, line->size() + 1);
    lines.take(*line);
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<TrailPlace>> read_newest_first(const std::string& path,
                                                    const std::optional<TrailPlace>& from,
                                                    std::uint64_t max_bytes,
                                                    const TakesLine& take) {
  std::vector<File> files = TRY(files_of(path));
  std::uint64_t budget = max_bytes;
  for (; !files.empty(); files.pop_back()) {
    File& file = files.back();
    if (from && file.first > from->file) {
      continue;
    }
    if (!file.open.valid()) {
      file.open = UniqueFd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
    }
    const std::uint64_t size = size_of(file.open.get());
    const std::uint64_t end = from && file.first == from->file ? std::min(from->end, size) : size;
    if (auto place = read_file(file, end, budget, take)) {
      return place;
    }
  }
  return std::nullopt;
}

}  // namespace signet::audit
