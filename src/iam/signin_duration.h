#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "facts/iam_sentences.h"

// MaxSigninSessionDuration of roles and login profiles (new-in-2026 8). Stored as seconds, 0 for
// none; the models bound it to 3,600 to 7,776,000.
namespace signet::iam {

// None is left out of every answer.
[[nodiscard]] inline std::optional<std::int64_t> show_signin_duration(std::uint32_t seconds) {
  return seconds == 0 ? std::nullopt : std::optional<std::int64_t>(seconds);
}

// Of UpdateRole and UpdateLoginProfile: what is not given stays. Error: InvalidInput if it is set
// and reset at once.
template <class Request>
[[nodiscard]] Status update_signin_duration(const Request& request, std::uint32_t& seconds) {
  const bool is_reset = request.reset_max_signin_session_duration.value_or(false);
  if (request.max_signin_session_duration) {
    if (is_reset) {
      return signin_duration_and_reset();
    }
    seconds = static_cast<std::uint32_t>(*request.max_signin_session_duration);
  } else if (is_reset) {
    seconds = 0;
  }
  return {};
}

}  // namespace signet::iam
