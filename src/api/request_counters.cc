#include "api/request_counters.h"

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

}  // namespace signet::api
