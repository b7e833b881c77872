#pragma once

#include <cstdint>

namespace signet::policy::prove {

// Work that a proof may cost; a unit is about a nanosecond. Who finds it spent gives up: the answer
// is then Unknown.
class Budget {
 public:
  explicit Budget(std::uint64_t units) : left_(units) {}

  // False: there is nothing left.
  bool spend(std::uint64_t units) {
    left_ = left_ > units ? left_ - units : 0;
    return left_ > 0;
  }

  [[nodiscard]] bool is_spent() const { return left_ == 0; }

 private:
  std::uint64_t left_;
};

}  // namespace signet::policy::prove
