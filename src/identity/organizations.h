#pragma once

#include <string>
#include <string_view>

#include "identity/snapshot.h"

namespace signet::identity {

// Features that an organization may turn on for the root users of its member accounts
// (new-in-2026 4).
inline constexpr std::string_view kRootCredentialsManagement = "RootCredentialsManagement";
inline constexpr std::string_view kRootSessions = "RootSessions";

// The management account's side of the organization that an account is in. Null: it is in none, or
// in one whose management account is not known here.
[[nodiscard]] const OrgPolicies* management_of(const Snapshot& snapshot, std::string_view account);

// Whether an account of that organization speaks for it in matters of IAM: the management account
// itself, or the delegated administrator.
[[nodiscard]] bool administers(const OrgPolicies& management, std::string_view account);

[[nodiscard]] bool has_root_feature(const OrgPolicies& management, std::string_view feature);

}  // namespace signet::identity
