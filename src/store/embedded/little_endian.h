#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signet::store {

// Numbers as they lie on disk: `size` bytes (at most 8), the least significant first.
void append_number(std::string& out, std::uint64_t number, std::size_t size);

// Needs at + size bytes.
[[nodiscard]] std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size);

}  // namespace signet::store
