#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/organizations_types.h"
#include "organizations/tree.h"

// What answers tell of the parts of an organization.
namespace signet::organizations {

[[nodiscard]] Account account_view(const Tree& tree, const Node& node);
[[nodiscard]] OrganizationalUnit unit_view(const Tree& tree, const Node& node);
[[nodiscard]] PolicySummary policy_view(const PolicyNode& policy);

// The types of policies that the organization has upon its root: SCPs and RCPs, unless it is one
// for consolidated billing alone.
[[nodiscard]] std::vector<PolicyTypeSummary> policy_types(const Tree& tree);

// A node by its id. ParentNotFound, ChildNotFound, TargetNotFound, AccountNotFound and
// OrganizationalUnitNotFound where there is none of those kinds.
[[nodiscard]] Result<const Node*> require(const Tree& tree, std::string_view id, ErrorCode missing);

// PolicyNotFound where there is none.
[[nodiscard]] Result<const PolicyNode*> require_policy(const Tree& tree, std::string_view id);

}  // namespace signet::organizations
