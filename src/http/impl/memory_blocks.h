#pragma once

#include <cstddef>
#include <string>

namespace signet::http {

inline constexpr std::size_t kFirstBlock = std::size_t{4} * 1024;

// A block that grew beyond this for one request is given back after it.
inline constexpr std::size_t kKeptBlock = std::size_t{16} * 1024;

// Empties the text and gives its memory back, which an assigned empty one would leave with it.
inline void release(std::string& text) {
  std::string().swap(text);
}

}  // namespace signet::http
