#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Private to this room: the primitives of the compact binary record inside a token
// (docs/formats/session-token.md). Integers are LEB128 varints, texts a varint length and the
// bytes.
namespace signet::token {

class RecordWriter {
 public:
  void reserve(std::size_t size) { out_.reserve(size); }

  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }

  void number(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }

  // Zigzag, for times that tests may set before 1970.
  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }

  void text(std::string_view value) {
    number(value.size());
    out_.append(value);
  }

  [[nodiscard]] std::string& bytes() { return out_; }

 private:
  std::string out_;
};

// Reads what the writer wrote. After a malformed or missing piece every read answers 0 or "" and
// is_good() is false.
class RecordReader {
 public:
  explicit RecordReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    if (rest_.empty()) {
      is_good_ = false;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if ((next & 0x80) == 0) {
        return value;
      }
    }
    is_good_ = false;
    return 0;
  }

  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }

  std::string_view text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
      is_good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view value = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(value.size());
    return value;
  }

  // A count of items that take at least one byte each: never more than there are bytes.
  std::size_t count() {
    const std::uint64_t value = number();
    if (value > rest_.size()) {
      is_good_ = false;
      return 0;
    }
    return static_cast<std::size_t>(value);
  }

  [[nodiscard]] bool is_good() const { return is_good_; }

  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace signet::token
