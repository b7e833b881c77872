#pragma once

#include <string_view>

namespace signet::facts {

// Of which service a role can be service-linked, and what it is then
// (facts/service_linked_roles.tsv).
struct ServiceLinkedRoleRow {
  std::string_view service;  // the principal that trusts are for: batch.amazonaws.com
  std::string_view role;     // AWSServiceRoleForBatch
  std::string_view policy;   // name of the attached policy, below kServiceRolePolicyPath
  bool allows_suffix = false;
  std::string_view description = {};  // that the role gets unasked
};

// Path of the policies that only service-linked roles have.
inline constexpr std::string_view kServiceRolePolicyPath = "/aws-service-role/";

// The row of a service; case counts. Null: IAM makes no role for it. Thread-safe.
[[nodiscard]] const ServiceLinkedRoleRow* find_service_linked_role(std::string_view service);

}  // namespace signet::facts
