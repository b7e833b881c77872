#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace signet::identity {

// A text inside an entity: 24 bytes, of which 23 characters need no memory of their own (a unique
// id has 21, an account 12), and no spare room beyond the text. Written as a whole, read as a
// std::string_view.
class Text {
 public:
  static constexpr std::size_t kInlineMax = 23;

  Text() = default;

  template <class S>
    requires(std::is_convertible_v<const S&, std::string_view> && !std::same_as<S, Text>)
  // NOLINTNEXTLINE(google-explicit-constructor): stands where a std::string stood
  Text(const S& text) {
    set(text);
  }

  Text(const Text& other) { set(other); }

  Text(Text&& other) noexcept : bytes_(other.bytes_) { other.bytes_ = {}; }

  Text& operator=(const Text& other) {
    if (this != &other) {
      Text copy(other);
      std::swap(bytes_, copy.bytes_);
    }
    return *this;
  }

  Text& operator=(Text&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  ~Text() { drop(); }

  // NOLINTNEXTLINE(google-explicit-constructor): stands where a std::string stood
  operator std::string_view() const {
    if (!is_outside()) [[likely]] {
      return {bytes_.data(), static_cast<std::size_t>(bytes_[kInlineMax])};
    }
    const Outside outside = this->outside();
    return {outside.data, outside.size};
  }

  // NOLINTNEXTLINE(google-explicit-constructor): stands where a std::string stood
  operator std::string() const { return std::string(std::string_view(*this)); }

  [[nodiscard]] std::size_t size() const { return std::string_view(*this).size(); }

  [[nodiscard]] bool empty() const { return size() == 0; }

  void clear() { *this = Text(); }

  [[nodiscard]] std::string_view substr(std::size_t at,
                                        std::size_t n = std::string_view::npos) const {
    return std::string_view(*this).substr(at, n);
  }

  [[nodiscard]] bool starts_with(std::string_view head) const {
    return std::string_view(*this).starts_with(head);
  }

  friend bool operator==(const Text& a, std::string_view b) { return std::string_view(a) == b; }

  template <std::same_as<Text> T>
  friend bool operator==(const T& a, const T& b) {
    return std::string_view(a) == std::string_view(b);
  }

 private:
  struct Outside {
    char* data;
    std::size_t size;
  };

  static constexpr char kOutside = 127;  // where the size of a text inside stands

  [[nodiscard]] bool is_outside() const { return bytes_[kInlineMax] == kOutside; }

  [[nodiscard]] Outside outside() const {
    Outside outside;
    std::memcpy(&outside, bytes_.data(), sizeof outside);
    return outside;
  }

  // Only where nothing is held yet.
  void set(std::string_view text) {
    if (text.size() <= kInlineMax) {
      text.copy(bytes_.data(), text.size());
      bytes_[kInlineMax] = static_cast<char>(text.size());
      return;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): drop() frees it
    const Outside outside = {.data = new char[text.size()], .size = text.size()};
    text.copy(outside.data, text.size());
    std::memcpy(bytes_.data(), &outside, sizeof outside);
    bytes_[kInlineMax] = kOutside;
  }

  void drop() {
    if (is_outside()) {
      delete[] outside().data;
    }
  }

  std::array<char, kInlineMax + 1> bytes_{};  // the last: the size, or kOutside
};

}  // namespace signet::identity
