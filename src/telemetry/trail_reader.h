#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace signet::telemetry {

// A place between two records of a trail, which stays what it is while the trail grows and its
// files are renamed.
struct TrailPosition {
  std::uint64_t file = 0;    // number of the first record of the file; 0: before everything
  std::uint64_t offset = 0;  // bytes of that file that lie before the place
  std::uint64_t last = 0;    // number of the record before the place

  bool operator==(const TrailPosition&) const = default;
};

// Reads the lines of a trail oldest first, from a place on, over its filled files into the one that
// is written now, which a server may be writing meanwhile. One thread.
class TrailReader {
 public:
  TrailReader(std::string path, const TrailPosition& from) : path_(std::move(path)), at_(from) {}

  struct Lines {
    std::string text;      // whole lines, each with its newline
    TrailPosition end;     // the place behind them
    bool has_gap = false;  // records before them are not there any more, and were not read
  };

  // The next lines, at most kBytes of them. Empty text: nothing is new. Fails with the
  // system's reason.
  [[nodiscard]] Result<Lines> next() const;

  // Where next() goes on.
  void go_to(const TrailPosition& place) { at_ = place; }

  // Bytes of the trail behind that place.
  [[nodiscard]] std::uint64_t behind() const;

  static constexpr std::size_t kBytes = std::size_t{1} << 20;  // more than the longest record

 private:
  struct File {
    std::string path;
    std::uint64_t first = 0;  // number of its first record
    std::uint64_t size = 0;
  };

  [[nodiscard]] std::vector<File> files() const;
  // Those that next() reads of these; the first one from `offset` on.
  [[nodiscard]] std::vector<File> unread(std::uint64_t& offset) const;

  std::string path_;
  TrailPosition at_;
};

// The text of a position, and back; nothing for any other text.
[[nodiscard]] std::string format_position(const TrailPosition& position);
[[nodiscard]] std::optional<TrailPosition> read_position(std::string_view text);

}  // namespace signet::telemetry
