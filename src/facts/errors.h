#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "facts/error_codes.h"  // IWYU pragma: export

namespace signet::facts {

// One row of facts/errors.tsv.
struct ErrorRow {
  ErrorCode code;
  std::string_view name;       // our enumerator
  std::string_view wire_code;  // the text of <Code>
  std::uint16_t status;        // HTTP status
  bool is_receiver;            // <Type>Receiver</Type>: our fault
  std::string_view message;    // default text; may be empty
};

// The row of a code; every ErrorCode has one.
[[nodiscard]] const ErrorRow& error_row(ErrorCode code);

// An error with its row's default message.
[[nodiscard]] Error make_error(ErrorCode code);

// An error of ours: the caller sees ServiceFailure's text, the log sees `cause`.
[[nodiscard]] Error service_failure(std::string cause);

}  // namespace signet::facts
