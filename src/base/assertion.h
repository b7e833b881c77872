#pragma once

namespace signet {

// Reports a broken invariant on standard error and ends the process. Never returns.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace signet

// A condition that only a bug of ours can break. Not for bad input.
#define SIGNET_ASSERT(condition)                                  \
  do {                                                            \
    if (!(condition)) [[unlikely]] {                              \
      ::signet::assertion_failed(#condition, __FILE__, __LINE__); \
    }                                                             \
  } while (false)
