#include "facts/errors.h"

#include <array>
#include <string>
#include <utility>

namespace signet::facts {
namespace {

constexpr auto kErrors = std::to_array<ErrorRow>({
#include "facts/errors_table.inc"
});

constexpr bool rows_match_their_codes() {
  for (std::size_t i = 0; i < kErrors.size(); ++i) {
    if (static_cast<std::size_t>(kErrors[i].code) != i) {
      return false;
    }
  }
  return true;
}

static_assert(rows_match_their_codes());

}  // namespace

const ErrorRow& error_row(ErrorCode code) {
  return kErrors[static_cast<std::size_t>(code)];
}

Error make_error(ErrorCode code) {
  return Error{
      .code = code, .message = std::string(error_row(code).message), .fields = {}, .cause = {}};
}

Error service_failure(std::string cause) {
  Error error = make_error(ErrorCode::ServiceFailure);
  error.cause = std::move(cause);
  return error;
}

}  // namespace signet::facts
