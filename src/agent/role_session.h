#pragma once

#include <expected>
#include <mutex>
#include <optional>
#include <string>

#include "agent/sts_calls.h"

namespace signet::agent {

// A role's credentials that are good for a while whenever they are asked for: kept, and made anew
// in time. Safe to use from any thread; a call may wait for the server.
class RoleSession {
 public:
  RoleSession(StsCaller caller, RoleWish wish);

  // Good for at least kLeast seconds, or half of what the server gives where that is less: SDKs ask
  // again minutes before the end, and would get the same ones over and over otherwise.
  [[nodiscard]] std::expected<RoleCredentials, std::string> current();

  static constexpr std::int64_t kLeastSeconds = 15 * 60 + 30;

 private:
  std::mutex mutex_;  // of what follows
  StsCaller caller_;
  RoleWish wish_;
  std::optional<RoleCredentials> kept_;
  Instant renewed_;
};

// The name of a role without its path.
[[nodiscard]] std::string role_name(const std::string& role_arn);

}  // namespace signet::agent
