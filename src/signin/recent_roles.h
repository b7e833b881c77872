#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/web.h"
#include "authn/key_rings.h"
#include "model/caller.h"

namespace signet::signin {

// A role as somebody named it when they switched to it.
struct RecentRole {
  std::string account;  // id or alias
  std::string role;     // path and name
  std::string display_name;
  std::string color;  // six hexadecimal digits; empty: none

  bool operator==(const RecentRole&) const = default;
};

inline constexpr std::size_t kMaxRecentRoles = 5;  // as AWS keeps (sign-in 3)

// The roles that this person switched to with this browser, the latest first. They are kept in a
// cookie, sealed, as AWS does: they outlive the session, and are shown to nobody else.
[[nodiscard]] std::vector<RecentRole> recent_roles(const http::RequestHead& head,
                                                   const authn::KeyRings& rings,
                                                   const model::Caller& person,
                                                   Instant now);

// The Set-Cookie header that keeps one more; empty if no key may seal now.
[[nodiscard]] std::string keep_recent_role(const http::RequestHead& head,
                                           const authn::KeyRings& rings,
                                           const model::Caller& person,
                                           RecentRole role,
                                           Instant now,
                                           Random& random);

}  // namespace signet::signin
