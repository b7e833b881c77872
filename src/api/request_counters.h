#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "authz/refused_by.h"
#include "base/result.h"
#include "facts/errors.h"

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

  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
  std::vector<CounterSlot> starts_;  // of each service, and one behind the last
};

// What a request was refused for before anybody was known, and the places of that list.
inline constexpr std::array kUnauthenticatedCodes = {ErrorCode::AuthorizationHeaderMalformed,
                                                     ErrorCode::AuthorizationQueryParametersError,
                                                     ErrorCode::ExpiredToken,
                                                     ErrorCode::IncompleteSignature,
                                                     ErrorCode::InvalidAccessKeyId,
                                                     ErrorCode::InvalidClientTokenId,
                                                     ErrorCode::MissingAuthenticationToken,
                                                     ErrorCode::RequestTimeTooSkewed,
                                                     ErrorCode::S3ExpiredToken,
                                                     ErrorCode::S3InvalidToken,
                                                     ErrorCode::S3SignatureDoesNotMatch,
                                                     ErrorCode::SignatureDoesNotMatch};

// Requests of one event loop: of each operation and result how many there were and how long they
// took, from their head to their answer; and why those were refused that were. Thread-safe, without
// a lock: a row is made when it is first needed.
class RequestCounters {
 public:
  // Upper bounds of the ranges that are counted, in microseconds; one more has no bound.
  static constexpr std::array<std::int64_t, 9> kBounds = {
      100, 250, 1'000, 2'500, 10'000, 50'000, 250'000, 1'000'000, 10'000'000};

  struct Sum {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};  // of each range alone
    std::uint64_t microseconds = 0;

    [[nodiscard]] std::uint64_t requests() const;
    bool operator==(const Sum&) const = default;
  };

  explicit RequestCounters(const CountedOperations& operations);
  ~RequestCounters();
  RequestCounters(const RequestCounters&) = delete;
  RequestCounters& operator=(const RequestCounters&) = delete;
  RequestCounters(RequestCounters&&) = delete;
  RequestCounters& operator=(RequestCounters&&) = delete;

  void add(CounterSlot slot, ResultClass result, std::int64_t microseconds);
  void add_refusal(authz::RefusedBy by);
  // Nothing for a code that is not in kUnauthenticatedCodes.
  void add_unauthenticated(ErrorCode code);

  void add_to(Sum& sum, CounterSlot slot, ResultClass result) const;
  [[nodiscard]] std::uint64_t refusals(authz::RefusedBy by) const;
  // By its place in kUnauthenticatedCodes.
  [[nodiscard]] std::uint64_t unauthenticated(std::size_t place) const;

 private:
  using Count = std::atomic<std::uint64_t>;

  struct Row {
    std::array<Count, kBounds.size() + 1> counts;
    Count microseconds;
  };

  [[nodiscard]] Row& row(std::size_t index);

  std::size_t size_;
  std::unique_ptr<std::atomic<Row*>[]> rows_;  // owned; null: nothing was counted there
  std::array<Count, authz::RefusedBy::kPlaces> refusals_{};
  std::array<Count, kUnauthenticatedCodes.size()> unauthenticated_{};
};

}  // namespace signet::api
