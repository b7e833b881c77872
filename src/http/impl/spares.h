#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "http/impl/buffer.h"
#include "http/message.h"

namespace signet::http {

// What a connection reads a head with. An idle one has none.
struct HeadMemory {
  Buffer bytes;
  std::vector<HeaderView> fields;
};

// Memory of connections that wait, for the next ones that are served. One thread.
template <typename T>
class Spares {
 public:
  // Empty if none is kept.
  [[nodiscard]] T take() {
    if (kept_.empty()) {
      return T();
    }
    T one = std::move(kept_.back());
    kept_.pop_back();
    return one;
  }

  [[nodiscard]] std::size_t size() const { return kept_.size(); }

  // Keeps it, or frees it where enough are kept.
  void give(T one) {
    if (kept_.size() < kMost) {
      kept_.push_back(std::move(one));
    }
  }

 private:
  static constexpr std::size_t kMost = 64;

  std::vector<T> kept_;
};

}  // namespace signet::http
