#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet::audit {

// Where a trail stands: the number of its last line and that line's digest. Numbers begin at 1.
struct ChainPoint {
  std::uint64_t sequence = 0;
  std::string digest = std::string(64, '0');  // 64 lower-case hexadecimal digits

  bool operator==(const ChainPoint&) const = default;
};

// The last members of a chained line (docs/formats/audit.md).
struct ChainTail {
  ChainPoint point;
  std::string_view previous;  // first line of a file only: digest of the line before; else empty
  std::string_view covered;   // the bytes that the digest covers after the digest before
};

// Appends `line`, which is one JSON object and a newline, with its place in the chain as last
// members, and moves `point` on. `begins_file` also writes the digest before it down.
void append_chained(std::string& out, std::string_view line, ChainPoint& point, bool begins_file);

// Reads the last members of a line (its newline taken off); nothing if they are not there. The
// digest is not checked. Views are parts of `line`.
[[nodiscard]] std::optional<ChainTail> read_chain_tail(std::string_view line);

// The digest that a line must have after the one before it.
[[nodiscard]] std::string chain_digest(std::string_view previous, std::string_view covered);

// "SEQUENCE DIGEST\n", the form of a head file, and back; nothing for any other text.
[[nodiscard]] std::string format_head(const ChainPoint& point);
[[nodiscard]] std::optional<ChainPoint> read_head(std::string_view text);

}  // namespace signet::audit
