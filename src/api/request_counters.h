#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signet::api {

class Services;

// How a request ended, for metrics.
enum class ResultClass : std::uint8_t {
  Success,
  Denied,       // a policy said no
  Throttled,    // the caller has its share, or the server is full
  ClientError,  // anything else that the caller did wrong
  ServerError,  // a fault of ours
};

inline constexpr std::size_t kResultClasses = 5;

[[nodiscard]] ResultClass result_class(const Status& outcome);

// "success", "denied" ...
[[nodiscard]] std::string_view name_of(ResultClass result);

// An operation's place among those that are counted.
using CounterSlot = std::size_t;

// The names that requests are counted under: every operation of every service, and one more for
// what is none of them. As many as there are operations, whatever is sent.
class CountedOperations {
 public:
  struct Row {
    std::string_view service;
    std::string_view operation;
  };

  explicit CountedOperations(const Services& services);

  // The operation with that number of the service with that index in the table.
  [[nodiscard]] CounterSlot slot(std::size_t service, std::size_t number) const {
    return starts_[service] + number;
  }

  // A request for that service that named no operation of it.
  [[nodiscard]] CounterSlot other_of(std::size_t service) const { return starts_[service + 1] - 1; }

  // A request for no service that is served here.
  [[nodiscard]] CounterSlot other() const { return rows_.size() - 1; }

  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
  std::vector<CounterSlot> starts_;  // of each service, and one behind the last
};

// The counts of one event loop. Thread-safe.
class RequestCounters {
 public:
  explicit RequestCounters(const CountedOperations& operations)
      : counts_(std::make_unique<Counts[]>(operations.rows().size())) {}

  void add(CounterSlot slot, ResultClass result) {
    counts_[slot][static_cast<std::size_t>(result)].fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t get(CounterSlot slot, ResultClass result) const {
    return counts_[slot][static_cast<std::size_t>(result)].load(std::memory_order_relaxed);
  }

 private:
  using Counts = std::array<std::atomic<std::uint64_t>, kResultClasses>;

  std::unique_ptr<Counts[]> counts_;
};

}  // namespace signet::api
