#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "reference.h"

namespace signet::ref {

inline constexpr std::size_t kReasons = 10;

struct Counts {
  std::uint64_t comparisons = 0;
  std::uint64_t allowed = 0;
  std::uint64_t explicitly_denied = 0;
  std::uint64_t differences = 0;
  std::array<std::uint64_t, kReasons> reasons{};  // by policy::PolicyType
  // Fingerprints, to count how many differ: policy sets (with settings), and questions about them.
  std::vector<std::uint64_t> worlds;
  std::vector<std::uint64_t> questions;

  void add(const Counts& other);
};

// Compares reference and engine on `worlds` worlds of `requests` questions each. Stops at the first
// difference, shrinks it and prints it with its seed, unless `stop_silently` (mutant hunting).
[[nodiscard]] Counts compare_random(std::uint64_t seed,
                                    std::uint64_t worlds,
                                    std::uint64_t requests,
                                    bool stop_silently);

// One question as batch JSON, under settings. Empty when both agree; otherwise both answers.
[[nodiscard]] std::string difference_of(const std::string& question, const Settings& settings);

}  // namespace signet::ref
