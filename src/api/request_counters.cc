#include "api/request_counters.h"

#include <algorithm>

#include "api/services.h"
#include "facts/errors.h"

namespace signet::api {

ResultClass result_class(const Status& outcome) {
  if (outcome) {
    return ResultClass::Success;
  }
  switch (outcome.error().code) {
    case ErrorCode::AccessDenied:
      return ResultClass::Denied;
    case ErrorCode::AuthorizationHeaderMalformed:
    case ErrorCode::AuthorizationQueryParametersError:
    case ErrorCode::ExpiredToken:
    case ErrorCode::IncompleteSignature:
    case ErrorCode::InvalidAccessKeyId:
    case ErrorCode::InvalidClientTokenId:
    case ErrorCode::MissingAuthenticationToken:
    case ErrorCode::RequestTimeTooSkewed:
    case ErrorCode::S3ExpiredToken:
    case ErrorCode::S3InvalidToken:
    case ErrorCode::S3SignatureDoesNotMatch:
    case ErrorCode::SignatureDoesNotMatch:
      return ResultClass::Unauthenticated;
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

std::size_t CountedOperations::service_of(CounterSlot slot) const {
  std::size_t service = 0;
  while (service < services() && slot >= starts_[service + 1]) {
    ++service;
  }
  return service;
}

void RequestDurations::add(std::size_t service, std::int64_t microseconds) {
  const auto range = std::ranges::lower_bound(kBounds, microseconds) - kBounds.begin();
  Row& row = rows_[service];
  row.counts[static_cast<std::size_t>(range)].fetch_add(1, std::memory_order_relaxed);
  row.microseconds.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(microseconds, 0)),
                             std::memory_order_relaxed);
}

void RequestDurations::add_to(Sum& sum, std::size_t service) const {
  const Row& row = rows_[service];
  for (std::size_t i = 0; i < row.counts.size(); ++i) {
    sum.counts[i] += row.counts[i].load(std::memory_order_relaxed);
  }
  sum.microseconds += row.microseconds.load(std::memory_order_relaxed);
}

}  // namespace signet::api
