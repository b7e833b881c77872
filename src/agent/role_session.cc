#include "agent/role_session.h"

#include <algorithm>
#include <utility>

namespace signet::agent {

RoleSession::RoleSession(StsCaller caller, RoleWish wish)
    : caller_(std::move(caller)), wish_(std::move(wish)) {}

std::expected<RoleCredentials, std::string> RoleSession::current() {
  const std::lock_guard lock(mutex_);
  if (kept_) {
    caller_.ask_time();
    const std::int64_t life = kept_->expiration.seconds() - renewed_.seconds();
    const std::int64_t left = kept_->expiration.seconds() - caller_.now().seconds();
    if (left > std::min(kLeastSeconds, life / 2)) {
      return *kept_;
    }
  }
  auto made = caller_.assume(wish_);
  if (made) {
    kept_ = *made;
    renewed_ = caller_.now();
  }
  return made;
}

std::string role_name(const std::string& role_arn) {
  return role_arn.substr(role_arn.rfind('/') + 1);
}

}  // namespace signet::agent
