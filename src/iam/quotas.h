#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "identity/snapshot.h"

namespace signet::iam {

// Numbers of things an account may have (aws-wire 4.25). The name is what LimitExceeded says.
enum class Quota : std::uint8_t {
  UsersPerAccount,
  GroupsPerAccount,
  RolesPerAccount,
  PoliciesPerAccount,
  GroupsPerUser,
  PoliciesPerUser,
  PoliciesPerGroup,
  PoliciesPerRole,
  AccessKeysPerUser,
  VersionsPerPolicy,
  TagsPerEntity,
  InstanceProfilesPerAccount,
  MfaDevicesPerUser,
  VirtualMfaDevicesPerAccount,
};

[[nodiscard]] std::string_view name_of(Quota quota);

// The account's limit: AWS's default unless the account's setting "quota.<name>" holds another
// number.
[[nodiscard]] std::size_t limit_of(const identity::Snapshot& snapshot,
                                   std::string_view account,
                                   Quota quota);

// LimitExceeded if one more than `used` would be too many.
[[nodiscard]] Status require_room(const identity::Snapshot& snapshot,
                                  std::string_view account,
                                  Quota quota,
                                  std::size_t used);

}  // namespace signet::iam
