#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy_engine/decide.h"
#include "policy_telling/explain.h"

namespace signet::policy {

// One entry of MatchedStatements (aws-wire 4.24). Positions are those of the statement's braces,
// 1-based.
struct MatchedStatement {
  std::string source_policy_id;    // the member's id: policy name, or PolicyInputList.1 and so on
  std::string source_policy_type;  // "IAM Policy" on the wire for every kind
  PolicyType type = PolicyType::Identity;
  Position start;
  Position end;
};

// One action on one resource, as SimulateCustomPolicy and SimulatePrincipalPolicy report it. Trust
// policies are simulated like every other resource policy.
struct SimulationResult {
  std::string action;
  std::string resource;
  std::string decision;  // allowed, explicitDeny, implicitDeny
  std::vector<MatchedStatement> matched_statements;
  std::vector<std::string> missing_context_values;
  std::optional<bool>
      allowed_by_boundary;  // PermissionsBoundaryDecisionDetail; nothing without a boundary
  std::optional<bool>
      allowed_by_organizations;  // OrganizationsDecisionDetail; nothing without SCPs and RCPs
  // EvalDecisionDetails: policy kind to its own decision; empty unless the resource is in another
  // account.
  std::vector<std::pair<std::string, std::string>> decision_details;
};

[[nodiscard]] SimulationResult simulate(const Request& request,
                                        const Principal& principal,
                                        const RequestContext& context,
                                        const PolicyInputs& policies,
                                        const Settings& settings = kDefaultSettings);

// "allowed", "explicitDeny", "implicitDeny".
[[nodiscard]] std::string_view wire_name(Verdict verdict);

}  // namespace signet::policy
