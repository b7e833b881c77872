#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::signin {

// Whose sign-in sessions (identity::SignInSession::owner).
struct SessionOwner {
  std::string account;
  std::string id;  // empty: everybody's in the account
};

// As whose a session of that caller is kept.
[[nodiscard]] std::string owner_id(const model::Caller& caller);

// Whom an ARN names: a user, role, federated user, root, or with `*` a whole account. ARNs of users
// and roles have no paths here (signin-api 4). Nothing for other ARNs; one who is not there has no
// sessions.
[[nodiscard]] std::optional<SessionOwner> owner_named(std::string_view arn,
                                                      const identity::Snapshot& snapshot);

// The same back; nothing if the owner is gone.
[[nodiscard]] std::optional<std::string> principal_arn_of(std::string_view account,
                                                          std::string_view owner,
                                                          const identity::Snapshot& snapshot);

}  // namespace signet::signin
