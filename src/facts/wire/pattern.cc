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

}  // namespace

bool matches(const Pattern& pattern, std::string_view text) {
  std::size_t state = 1;
  while (!text.empty()) {
    std::uint8_t code_class = 0;
    std::size_t size = 1;
    if (const auto byte = static_cast<std::uint8_t>(text.front()); byte < 0x80) {
      code_class = pattern.ascii[byte];
    } else {
      std::uint32_t point = 0;
      size = codec::utf8_sequence(text, point);
      if (size == 0) {
        return false;
      }
      code_class = class_of(pattern, point);
    }
    state = pattern.transitions[state * pattern.classes + code_class];
    if (state == 0) {
      return false;
    }
    text.remove_prefix(size);
  }
  return pattern.accepts[state];
}

}  // namespace signet::facts
