#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace signet::facts {

// Code points first..last belong to one class of a pattern's alphabet. Only used past ASCII.
struct CodePointRange {
  std::uint32_t first;
  std::uint32_t last;
  std::uint8_t code_class;
};

// One regular expression of the API models, made into a deterministic automaton by
// tools/gen/_patterns.py. State 0 is dead, state 1 the start; transitions[state * classes + class]
// is the next state.
struct Pattern {
  std::string_view text;  // as the model writes it, for messages
  std::array<std::uint8_t, 128> ascii;
  std::span<const CodePointRange> ranges;  // sorted; code points in no range are of class 0
  std::span<const std::uint16_t> transitions;
  std::span<const bool> accepts;
  std::size_t classes;
  // Most patterns are [class]* or [class]+: any run of class 1, empty ones when accepts[1].
  bool is_class_run;
};

// Whether the whole of the UTF-8 text matches. Linear in the text, no allocation.
[[nodiscard]] bool matches(const Pattern& pattern, std::string_view text);

}  // namespace signet::facts
