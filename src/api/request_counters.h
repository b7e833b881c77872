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
  Denied,           // a policy said no
  Unauthenticated,  // signature, key or session token were refused
  Throttled,        // the caller has its share, or the server is full
  ClientError,      // anything else that the caller did wrong
  ServerError,      // a fault of ours
};

inline constexpr std::size_t kResultClasses = 6;

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

  // The index in the table of the service that a slot is of; services(): of none.
  [[nodiscard]] std::size_t service_of(CounterSlot slot) const;

  [[nodiscard]] std::size_t services() const { return starts_.size() - 1; }

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

// How long requests of each service took on one event loop, from their head to their answer.
// Thread-safe.
class RequestDurations {
 public:
  // Upper bounds of the ranges that are counted, in microseconds; one more has no bound.
  static constexpr std::array<std::int64_t, 9> kBounds = {
      100, 250, 1'000, 2'500, 10'000, 50'000, 250'000, 1'000'000, 10'000'000};

  struct Sum {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};  // of each range alone
    std::uint64_t microseconds = 0;

    bool operator==(const Sum&) const = default;
  };

  // One more for requests that are of no service.
  explicit RequestDurations(const CountedOperations& operations)
      : rows_(std::make_unique<Row[]>(operations.services() + 1)) {}

  void add(std::size_t service, std::int64_t microseconds);
  void add_to(Sum& sum, std::size_t service) const;

 private:
  struct Row {
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts;
    std::atomic<std::uint64_t> microseconds;
  };

  std::unique_ptr<Row[]> rows_;
};

}  // namespace signet::api
