#pragma once

#include <string>

#include "base/result.h"
#include "facts/errors.h"

namespace signet {

// "ok", or the error as "Code: message".
template <class T>
[[nodiscard]] std::string outcome(const Result<T>& result) {
  if (result) {
    return "ok";
  }
  std::string text(facts::error_row(result.error().code).wire_code);
  text += ": ";
  text += result.error().message;
  return text;
}

}  // namespace signet
