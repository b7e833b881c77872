#pragma once

#include <cstddef>
#include <cstdint>

namespace signet::api {

// Kinds of work that leave the event loop and must not wait for each other: each has its own pool.
enum class Work : std::uint8_t {
  Objects,    // short reads and writes of object files and their index
  Long,       // copies and completions, as long as an object is large; simulations of policies
  Passwords,  // password hashes: tens of milliseconds of computing each
  Pages,      // sign-in pages
  Bodies,     // bytes of uploads: hashed, compared, written
  Evidence,   // tokens and assertions that say who asks: signatures, and keys asked of issuers
};

inline constexpr std::size_t kWorkKinds = 6;

}  // namespace signet::api
