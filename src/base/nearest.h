#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signet {

// The candidate that a misspelt word most likely meant: the one with the fewest letters to insert,
// drop, replace or swap with their neighbour (ASCII case ignored), if that is at most a third of
// it and at most three.
class Nearest {
 public:
  explicit Nearest(std::string_view word) : word_(word) {}

  // The text must outlive this object.
  void offer(std::string_view candidate);

  // Empty when none is near.
  [[nodiscard]] std::string_view best() const { return best_; }

  // "<before>did you mean \"x\"?", or nothing.
  [[nodiscard]] std::string question(std::string_view before = ": ") const;

 private:
  std::string_view word_;
  std::string_view best_;
  std::size_t distance_ = 4;
};

}  // namespace signet
