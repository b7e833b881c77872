#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace signet {

// fail() with a cause for the operator: Error::cause, which of our own faults goes to the log, goes
// into the audit record of what a caller is refused. It is never sent.
[[nodiscard]] inline std::unexpected<Error> fail_because(ErrorCode code,
                                                         std::string message,
                                                         std::string cause) {
  return std::unexpected<Error>(
      Error{.code = code, .message = std::move(message), .fields = {}, .cause = std::move(cause)});
}

// The same for a refusal that is made: with_cause(saml_denied(), "the role was deleted meanwhile").
[[nodiscard]] inline std::unexpected<Error> with_cause(std::unexpected<Error> refusal,
                                                       std::string cause) {
  refusal.error().cause = std::move(cause);
  return refusal;
}

}  // namespace signet
