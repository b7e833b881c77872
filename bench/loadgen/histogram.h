#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace signet::loadgen {

// Latencies in nanoseconds, log-linear: 7 bits of mantissa, so a value is off by less than 0.8 %.
class Histogram {
 public:
  void add(std::uint64_t value) {
    ++buckets_[index_of(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    max_ = std::max(max_, value);
  }

  void merge(const Histogram& other) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      buckets_[i] += other.buckets_[i];
    }
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }

  [[nodiscard]] std::uint64_t max() const { return max_; }

  [[nodiscard]] double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

  [[nodiscard]] std::uint64_t quantile(double p) const {
    const auto wanted = static_cast<std::uint64_t>(p * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > wanted) {
        return value_of(i);
      }
    }
    return max_;
  }

 private:
  static constexpr int kBits = 7;
  static constexpr std::uint64_t kLinear = 1ULL << kBits;

  static std::size_t index_of(std::uint64_t value) {
    if (value < kLinear) {
      return value;
    }
    const int exponent = 63 - std::countl_zero(value) - kBits;
    return (static_cast<std::size_t>(exponent + 1) << kBits) +
           ((value >> exponent) & (kLinear - 1));
  }

  static std::uint64_t value_of(std::size_t index) {
    if (index < kLinear) {
      return index;
    }
    const auto exponent = (index >> kBits) - 1;
    return ((index & (kLinear - 1)) | kLinear) << exponent;
  }

  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>((64 - kBits) << kBits);
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace signet::loadgen
