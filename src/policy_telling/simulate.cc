#include "policy_telling/simulate.h"

#include <utility>

namespace signet::policy {
namespace {

// Whether the statements of one kind allow by themselves: some Allow applies, no Deny does.
struct OwnVerdict {
  bool has_allow = false;
  bool has_deny = false;

  [[nodiscard]] Verdict verdict() const {
    return has_deny ? Verdict::ExplicitlyDenied
                    : (has_allow ? Verdict::Allowed : Verdict::ImplicitlyDenied);
  }
};

OwnVerdict own_verdict(const Trace& trace, PolicyType type, std::size_t level = 0) {
  OwnVerdict own;
  for (const StatementTrace& statement : trace.statements) {
    if (statement.type == type && statement.level == level && statement.applies) {
      (statement.effect == Effect::Allow ? own.has_allow : own.has_deny) = true;
    }
  }
  return own;
}

bool allowed_by_rails(const Trace& trace, const GuardRails* rails, PolicyType type) {
  bool allowed = true;
  for (std::size_t level = 0; rails != nullptr && level < rails->levels().size(); ++level) {
    allowed = allowed && own_verdict(trace, type, level).verdict() == Verdict::Allowed;
  }
  return allowed;
}

// A denial lists the statements that deny; an allowance those that allow on either side.
bool is_listed(const StatementTrace& statement, const Decision& decision) {
  if (!statement.applies || decision.verdict == Verdict::ImplicitlyDenied) {
    return false;
  }
  if (decision.verdict == Verdict::ExplicitlyDenied) {
    return statement.effect == Effect::Deny;
  }
  const bool can_grant = statement.type == PolicyType::Identity ||
                         statement.type == PolicyType::Resource ||
                         statement.type == PolicyType::Trust;
  return statement.effect == Effect::Allow && can_grant;
}

}  // namespace

std::string_view wire_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::Allowed:
      return "allowed";
    case Verdict::ExplicitlyDenied:
      return "explicitDeny";
    case Verdict::ImplicitlyDenied:
      break;
  }
  return "implicitDeny";
}

SimulationResult simulate(const Request& request,
                          const Principal& principal,
                          const RequestContext& context,
                          const PolicyInputs& policies,
                          const Settings& settings) {
  Trace trace = explain(request, principal, context, policies, settings);
  SimulationResult result;
  result.action = trace.action;
  result.resource = trace.resource;
  result.decision = wire_name(trace.decision.verdict);
  for (const StatementTrace& statement : trace.statements) {
    if (is_listed(statement, trace.decision)) {
      result.matched_statements.push_back({.source_policy_id = statement.policy_id,
                                           .source_policy_type = "IAM Policy",
                                           .type = statement.type,
                                           .start = statement.begin,
                                           .end = statement.end});
    }
  }
  if (policies.boundary != nullptr) {
    result.allowed_by_boundary =
        own_verdict(trace, PolicyType::Boundary).verdict() == Verdict::Allowed;
  }
  if (policies.scps != nullptr || policies.rcps != nullptr) {
    result.allowed_by_organizations = allowed_by_rails(trace, policies.scps, PolicyType::Scp) &&
                                      allowed_by_rails(trace, policies.rcps, PolicyType::Rcp);
  }
  if (trace.decision.side != AccountSide::Same) {
    OwnVerdict resource = own_verdict(trace, PolicyType::Resource);
    const OwnVerdict trust = own_verdict(trace, PolicyType::Trust);
    resource.has_allow |= trust.has_allow;
    resource.has_deny |= trust.has_deny;
    const Verdict identity = own_verdict(trace, PolicyType::Identity).verdict();
    result.decision_details = {{"IAM Policy", std::string(wire_name(identity))},
                               {"Resource Policy", std::string(wire_name(resource.verdict()))}};
  }
  result.missing_context_values = std::move(trace.missing_keys);
  return result;
}

}  // namespace signet::policy
