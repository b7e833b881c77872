#include "policy_language/size.h"

namespace signet::policy {

std::size_t counted_characters(std::string_view text) {
  std::size_t count = 0;
  bool in_string = false;
  bool is_escaped = false;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    const bool is_continuation = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (!is_continuation && (in_string || !is_space)) {
      ++count;
    }
    if (is_escaped) {
      is_escaped = false;
    } else if (in_string && c == '\\') {
      is_escaped = true;
    } else if (c == '"') {
      in_string = !in_string;
    }
  }
  return count;
}

std::size_t counted_bytes(std::string_view text) {
  return text.size();
}

}  // namespace signet::policy
