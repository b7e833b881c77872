#include "telemetry/trail_reader.h"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <sys/stat.h>

#include "audit/chain.h"
#include "audit/trail_file.h"
#include "base/strings.h"
#include "base/unique_fd.h"

namespace signet::telemetry {
namespace {

std::uint64_t sequence_of(std::string_view line) {
  const auto tail = audit::read_chain_tail(line);
  return tail ? tail->point.sequence : 0;
}

std::uint64_t size_of(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 ? static_cast<std::uint64_t>(found.st_size) : 0;
}

// The last of whole lines.
std::string_view last_line(std::string_view lines) {
  lines.remove_suffix(1);
  return lines.substr(lines.rfind('\n') + 1);  // npos + 1: the only one
}

}  // namespace

// A file keeps its number when it is filled and renamed. One that is renamed while this looks is
// found under its new name.
std::vector<TrailReader::File> TrailReader::files() const {
  const UniqueFd present(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  const std::uint64_t first =
      present.valid() ? audit::first_sequence(present.get()).value_or(0) : 0;
  std::vector<File> files;
  for (std::string& filled : audit::rotated_files(path_)) {
    const auto number = parse_decimal(std::string_view(filled).substr(path_.size() + 1));
    if (number && *number > 0) {
      const std::uint64_t size = size_of(filled);
      files.push_back(
          {.path = std::move(filled), .first = static_cast<std::uint64_t>(*number), .size = size});
    }
  }
  if (first != 0 && std::ranges::find(files, first, &File::first) == files.end()) {
    files.push_back({.path = path_, .first = first, .size = size_of(path_)});
  }
  std::ranges::sort(files, {}, &File::first);
  return files;
}

std::vector<TrailReader::File> TrailReader::unread(std::uint64_t& offset) const {
  std::vector<File> all = files();
  // A trail that was taken away as a whole begins with number 1 again.
  const bool began_again = !all.empty() && all.back().first < at_.file;
  if (!began_again) {
    std::erase_if(all, [this](const File& file) { return file.first < at_.file; });
  }
  const bool goes_on = !all.empty() && all.front().first == at_.file;
  // A file that is shorter now lost its end with the machine; it is read again.
  offset = goes_on && at_.offset <= all.front().size ? at_.offset : 0;
  return all;
}

Result<TrailReader::Lines> TrailReader::next() const {
  Lines lines{.text = {}, .end = at_};
  std::uint64_t offset = 0;
  for (const File& file : unread(offset)) {
    const UniqueFd open_file(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!open_file.valid() || audit::first_sequence(open_file.get()) != file.first) {
      return lines;  // renamed or taken away just now: the next call finds out
    }
    lines.text = TRY(audit::read_bytes(open_file.get(), offset, kBytes));
    lines.text.resize(lines.text.rfind('\n') + 1);  // npos + 1: no whole line
    if (!lines.text.empty()) {
      const bool goes_on = file.first == at_.file || file.first == at_.last + 1;
      lines.has_gap = at_.file != 0 && !goes_on;
      lines.end = {.file = file.first,
                   .offset = offset + lines.text.size(),
                   .last = sequence_of(last_line(lines.text))};
      return lines;
    }
    offset = 0;
  }
  return lines;
}

std::uint64_t TrailReader::behind() const {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  for (const File& file : unread(offset)) {
    bytes += file.size;
  }
  return bytes - std::min(bytes, offset);
}

std::string format_position(const TrailPosition& position) {
  return concat(std::to_string(position.file),
                " ",
                std::to_string(position.offset),
                " ",
                std::to_string(position.last),
                "\n");
}

std::optional<TrailPosition> read_position(std::string_view text) {
  std::array<std::uint64_t, 3> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const char separator = i + 1 < numbers.size() ? ' ' : '\n';
    const std::size_t end = text.find(separator);
    const auto number =
        end == std::string_view::npos ? std::nullopt : parse_decimal(text.substr(0, end));
    if (!number) {
      return std::nullopt;
    }
    numbers.at(i) = static_cast<std::uint64_t>(*number);
    text.remove_prefix(end + 1);
  }
  return text.empty() ? std::optional(TrailPosition{
                            .file = numbers[0], .offset = numbers[1], .last = numbers[2]})
                      : std::nullopt;
}

}  // namespace signet::telemetry
