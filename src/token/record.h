#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

// Private to this room: the primitives of the compact binary record inside a token
// (docs/formats/session-token.md). Integers are LEB128 varints, texts a varint length and the
// bytes.
namespace signet::token {

// Records hold secrets, so a buffer that proves too small is wiped when it is replaced.
class RecordWriter {
 public:
  // Leaves `front` bytes before the record to the caller and has room for `size` bytes of it.
  explicit RecordWriter(std::size_t front = 0, std::size_t size = 64)
      : out_(front + size, '\0'), used_(front) {}

  void byte(std::uint8_t value) {
    *room(1) = static_cast<char>(value);
    ++used_;
  }

  void number(std::uint64_t value) {
    char* at = room(kMaxVarint);
    while (value >= 0x80) {
      *at++ = static_cast<char>(value | 0x80);
      value >>= 7;
      ++used_;
    }
    *at = static_cast<char>(value);
    ++used_;
  }

  // Zigzag, for times that tests may set before 1970.
  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }

  void text(std::string_view value) {
    number(value.size());
    std::memcpy(room(value.size()), value.data(), value.size());
    used_ += value.size();
  }

  // What was written, the front included; nothing may be written after it.
  [[nodiscard]] std::string& bytes() {
    out_.resize(used_);
    return out_;
  }

 private:
  static constexpr std::size_t kMaxVarint = 10;

  char* room(std::size_t size) {
    if (out_.size() - used_ < size) [[unlikely]] {
      grow(size);
    }
    return out_.data() + used_;
  }

  // Out of line, so that what writes stays small.
  __attribute__((noinline)) void grow(std::size_t size) {
    std::string larger(2 * out_.size() + size, '\0');
    std::memcpy(larger.data(), out_.data(), used_);
    explicit_bzero(out_.data(), out_.size());
    out_ = std::move(larger);
  }

  std::string out_;
  std::size_t used_;
};

// Reads what the writer wrote. After a malformed or missing piece every read answers 0 or "" and
// is_good() is false.
class RecordReader {
 public:
  explicit RecordReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::uint8_t byte() {
    if (at_ == end_) {
      is_good_ = false;
      return 0;
    }
    return static_cast<std::uint8_t>(*at_++);
  }

  std::uint64_t number() {
    std::uint64_t value = byte();  // nearly always all of it
    if (value >= 0x80) {
      value = rest_of_number(value & 0x7f);
    }
    return value;
  }

  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }

  std::string_view text() {
    const std::uint64_t size = number();
    if (size > left()) {
      is_good_ = false;
      at_ = end_;
      return {};
    }
    const std::string_view value(at_, static_cast<std::size_t>(size));
    at_ += value.size();
    return value;
  }

  // A count of items that take at least one byte each: never more than there are bytes.
  std::size_t count() {
    const std::uint64_t value = number();
    if (value > left()) {
      is_good_ = false;
      return 0;
    }
    return static_cast<std::size_t>(value);
  }

  [[nodiscard]] bool is_good() const { return is_good_; }

  [[nodiscard]] bool is_at_end() const { return at_ == end_; }

 private:
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  std::uint64_t rest_of_number(std::uint64_t value) {
    for (unsigned shift = 7; shift < 63; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if ((next & 0x80) == 0) {
        return value;
      }
    }
    is_good_ = false;
    return 0;
  }

  const char* at_;
  const char* end_;
  bool is_good_ = true;
};

}  // namespace signet::token
