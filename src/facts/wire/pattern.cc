#include "facts/wire/pattern.h"

#include <algorithm>

#include "codec/utf8.h"

namespace signet::facts {
namespace {

std::uint8_t class_of(const Pattern& pattern, std::uint32_t point) {
  const auto* const after = std::upper_bound(
      pattern.ranges.data(),
      pattern.ranges.data() + pattern.ranges.size(),
      point,
      [](std::uint32_t p, const CodePointRange& range) { return p < range.first; });
  if (after == pattern.ranges.data() || point > (after - 1)->last) {
    return 0;
  }
  return (after - 1)->code_class;
}

// Class of the code point that the text begins with, which is taken off it; 0 for malformed UTF-8.
std::uint8_t next_class(const Pattern& pattern, std::string_view& text) {
  const auto byte = static_cast<std::uint8_t>(text.front());
  if (byte < 0x80) {
    text.remove_prefix(1);
    return pattern.ascii[byte];
  }
  std::uint32_t point = 0;
  const std::size_t size = codec::utf8_sequence(text, point);
  text.remove_prefix(size);
  return size == 0 ? std::uint8_t{0} : class_of(pattern, point);
}

bool is_run(const Pattern& pattern, std::string_view text) {
  if (text.empty()) {
    return pattern.accepts[1];
  }
  std::size_t plain = 0;
  while (plain < text.size() && static_cast<std::uint8_t>(text[plain]) < 0x80) {
    if (pattern.ascii[static_cast<std::uint8_t>(text[plain])] == 0) {
      return false;
    }
    ++plain;
  }
  text.remove_prefix(plain);
  while (!text.empty()) {
    if (next_class(pattern, text) == 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool matches(const Pattern& pattern, std::string_view text) {
  if (pattern.is_class_run) {
    return is_run(pattern, text);
  }
  std::size_t state = 1;
  while (!text.empty()) {
    // Class 0 is in no set of the pattern, so it leads to the dead state.
    state = pattern.transitions[state * pattern.classes + next_class(pattern, text)];
    if (state == 0) {
      return false;
    }
  }
  return pattern.accepts[state];
}

}  // namespace signet::facts
