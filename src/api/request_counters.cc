#include "api/request_counters.h"

#include <algorithm>
#include <numeric>

#include "api/services.h"
#include "facts/errors.h"

namespace signet::api {

ResultClass result_class(const Status& outcome) {
  if (outcome) {
    return ResultClass::Success;
  }
  if (std::ranges::find(kUnauthenticatedCodes, outcome.error().code) !=
      kUnauthenticatedCodes.end()) {
    return ResultClass::Unauthenticated;
  }
  switch (outcome.error().code) {
    case ErrorCode::AccessDenied:
      return ResultClass::Denied;
    case ErrorCode::Throttling:
    case ErrorCode::SlowDown:
      return ResultClass::Throttled;
    default:
      return facts::error_row(outcome.error().code).status >= 500 ? ResultClass::ServerError
                                                                  : ResultClass::ClientError;
  }
}

std::string_view name_of(ResultClass result) {
  switch (result) {
    case ResultClass::Success:
      return "success";
    case ResultClass::Denied:
      return "denied";
    case ResultClass::Unauthenticated:
      return "unauthenticated";
    case ResultClass::Throttled:
      return "throttled";
    case ResultClass::ClientError:
      return "client_error";
    case ResultClass::ServerError:
      break;
  }
  return "server_error";
}

CountedOperations::CountedOperations(const Services& services) {
  constexpr std::string_view kOther = "other";
  for (const ServiceEntry& entry : services.all()) {
    starts_.push_back(rows_.size());
    const auto names =
        std::visit([](auto* service) { return service->operations(); }, entry.operations);
    for (const std::string_view name : names) {
      rows_.push_back({.service = entry.name, .operation = name});
    }
    rows_.push_back({.service = entry.name, .operation = kOther});
  }
  starts_.push_back(rows_.size());
  rows_.push_back({.service = kOther, .operation = kOther});
}

std::uint64_t RequestCounters::Sum::requests() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

RequestCounters::RequestCounters(const CountedOperations& operations)
    : size_(operations.rows().size() * kResultClasses),
      rows_(std::make_unique<std::atomic<Row*>[]>(size_)) {}

RequestCounters::~RequestCounters() {
  for (std::size_t i = 0; i < size_; ++i) {
    const std::unique_ptr<Row> owned(rows_[i].load());
  }
}

RequestCounters::Row& RequestCounters::row(std::size_t index) {
  Row* found = rows_[index].load(std::memory_order_acquire);
  if (found == nullptr) {
    auto made = std::make_unique<Row>();
    if (rows_[index].compare_exchange_strong(found, made.get())) {
      found = made.release();
    }
  }
  return *found;
}

void RequestCounters::add(CounterSlot slot, ResultClass result, std::int64_t microseconds) {
  Row& counted = row(slot * kResultClasses + static_cast<std::size_t>(result));
  const auto range = std::ranges::lower_bound(kBounds, microseconds) - kBounds.begin();
  counted.counts[static_cast<std::size_t>(range)].fetch_add(1, std::memory_order_relaxed);
  counted.microseconds.fetch_add(
      static_cast<std::uint64_t>(std::max<std::int64_t>(microseconds, 0)),
      std::memory_order_relaxed);
}

void RequestCounters::add_refusal(authz::RefusedBy by) {
  refusals_[by.place()].fetch_add(1, std::memory_order_relaxed);
}

void RequestCounters::add_unauthenticated(ErrorCode code) {
  const auto* const found = std::ranges::find(kUnauthenticatedCodes, code);
  if (found != kUnauthenticatedCodes.end()) {
    unauthenticated_[static_cast<std::size_t>(found - kUnauthenticatedCodes.begin())].fetch_add(
        1, std::memory_order_relaxed);
  }
}

void RequestCounters::add_to(Sum& sum, CounterSlot slot, ResultClass result) const {
  const Row* counted = rows_[slot * kResultClasses + static_cast<std::size_t>(result)].load(
      std::memory_order_acquire);
  if (counted == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < sum.counts.size(); ++i) {
    sum.counts[i] += counted->counts[i].load(std::memory_order_relaxed);
  }
  sum.microseconds += counted->microseconds.load(std::memory_order_relaxed);
}

std::uint64_t RequestCounters::refusals(authz::RefusedBy by) const {
  return refusals_[by.place()].load(std::memory_order_relaxed);
}

std::uint64_t RequestCounters::unauthenticated(std::size_t place) const {
  return unauthenticated_[place].load(std::memory_order_relaxed);
}

}  // namespace signet::api
