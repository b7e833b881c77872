#include "insight/explanation.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "policy_telling/explain.h"
#include "policy_telling/simulate.h"

namespace signet::insight {
namespace {

using policy::PolicyType;
using policy::StatementTrace;

// Statements that are told of one kind of policy at most.
constexpr std::size_t kMostStatements = 64;

// One kind of policy, where there is one for this question: the sets that it has, level by level.
struct Stage {
  PolicyType type;
  std::size_t levels;
};

std::vector<Stage> stages_of(const policy::Question& question, bool is_trust) {
  const policy::PolicyInputs& inputs = question.inputs;
  std::vector<Stage> stages;
  const auto rails = [&stages](PolicyType type, const policy::GuardRails* levels) {
    if (levels != nullptr) {
      stages.push_back({.type = type, .levels = levels->levels().size()});
    }
  };
  const auto set = [&stages](PolicyType type, const policy::PolicySet* policies) {
    if (policies != nullptr) {
      stages.push_back({.type = type, .levels = 1});
    }
  };
  rails(PolicyType::Scp, inputs.scps);
  rails(PolicyType::Rcp, inputs.rcps);
  set(is_trust ? PolicyType::Trust : PolicyType::Resource, inputs.resource);
  if (inputs.identity != nullptr || question.principal.is_entity()) {
    stages.push_back({.type = PolicyType::Identity, .levels = 1});  // also where there are none
  }
  set(PolicyType::Boundary, inputs.boundary);
  set(PolicyType::Session, inputs.session);
  rails(PolicyType::Scope, inputs.scopes);
  return stages;
}

TextPosition wire_position(const policy::Position& at) {
  return {.line = at.line, .column = at.column};
}

class Telling {
 public:
  Telling(const policy::Question& question, const authz::Check& check, std::string_view account)
      : question_(question),
        check_(check),
        account_(account),
        trace_(policy::explain(
            question.request, question.principal, question.context, question.inputs)) {}

  Explanation run() const {
    Explanation told;
    const bool is_trust = check_.role != nullptr;
    told.policy_type = policy::name_of(wire_type(trace_.decision.type));
    told.missing_keys = trace_.missing_keys;
    for (const Stage& stage : stages_of(question_, is_trust)) {
      told.stages.push_back({.policy_type = std::string(policy::name_of(stage.type)),
                             .decision = std::string(policy::wire_name(said_by(stage))),
                             .is_deciding = stage.type == wire_type(trace_.decision.type)});
      tell(stage, told.policies);
    }
    return told;
  }

 private:
  // The trace calls a trust policy so only where it decided.
  [[nodiscard]] PolicyType wire_type(PolicyType type) const {
    return type == PolicyType::Resource && check_.role != nullptr ? PolicyType::Trust : type;
  }

  // What the statements of one kind say by themselves: each level must allow, any may deny.
  [[nodiscard]] policy::Verdict said_by(const Stage& stage) const {
    std::vector<bool> allows(stage.levels, false);
    for (const StatementTrace& statement : trace_.statements) {
      if (wire_type(statement.type) != stage.type || !statement.applies) {
        continue;
      }
      if (statement.effect == policy::Effect::Deny) {
        return policy::Verdict::ExplicitlyDenied;
      }
      allows.at(statement.level) = true;
    }
    const bool is_allowed = !allows.empty() && std::ranges::all_of(allows, std::identity());
    return is_allowed ? policy::Verdict::Allowed : policy::Verdict::ImplicitlyDenied;
  }

  // The texts of an organization's policies are the organization's, those of another account's
  // resource that account's.
  [[nodiscard]] bool is_told(PolicyType type) const {
    const bool guards_resource = type == PolicyType::Resource || type == PolicyType::Trust;
    const bool is_foreign = !check_.resource_account.empty() && check_.resource_account != account_;
    return type != PolicyType::Scp && type != PolicyType::Rcp && !(guards_resource && is_foreign);
  }

  // Statements that apply, and those about the action that do not.
  void tell(const Stage& stage, std::vector<ExplainedPolicy>& out) const {
    if (!is_told(stage.type)) {
      return;
    }
    std::size_t told = 0;
    const StatementTrace* last = nullptr;
    for (const StatementTrace& statement : trace_.statements) {
      if (wire_type(statement.type) != stage.type || !is_of_interest(statement) ||
          told == kMostStatements) {
        continue;
      }
      if (last == nullptr || last->policy != statement.policy || last->level != statement.level) {
        out.push_back(policy_of(stage.type, statement));
      }
      out.back().statements.push_back(wire_statement(statement));
      last = &statement;
      ++told;
    }
  }

  static bool is_of_interest(const StatementTrace& statement) {
    return statement.applies ||
           std::ranges::any_of(statement.parts, [](const policy::PartTrace& part) {
             return part.matched && part.part.ends_with("Action");
           });
  }

  [[nodiscard]] const policy::PolicySet* set_of(PolicyType type, std::size_t level) const {
    const policy::PolicyInputs& inputs = question_.inputs;
    switch (type) {
      case PolicyType::Boundary:
        return inputs.boundary;
      case PolicyType::Session:
        return inputs.session;
      case PolicyType::Scope:
        return inputs.scopes->levels()[level].get();
      case PolicyType::Resource:
      case PolicyType::Trust:
        return inputs.resource;
      default:
        return inputs.identity;
    }
  }

  [[nodiscard]] ExplainedPolicy policy_of(PolicyType type, const StatementTrace& statement) const {
    ExplainedPolicy shown{.policy_type = std::string(policy::name_of(type)),
                          .name = statement.policy_id};
    const policy::PolicySet* set = set_of(type, statement.level);
    shown.document = policy::document_of(*set->members()[statement.policy].policy).text();
    return shown;
  }

  static ExplainedStatement wire_statement(const StatementTrace& statement) {
    ExplainedStatement shown{.index = static_cast<std::int64_t>(statement.statement),
                             .effect = statement.effect == policy::Effect::Allow ? "Allow" : "Deny",
                             .start = wire_position(statement.begin),
                             .end = wire_position(statement.end),
                             .applies = statement.applies,
                             .is_deciding = statement.is_deciding};
    if (!statement.sid.empty()) {
      shown.sid = statement.sid;
    }
    for (const policy::PartTrace& part : statement.parts) {
      if (!part.matched) {
        shown.failed_parts.push_back(
            {.part = part.part, .wanted = part.wanted, .given = part.given});
      }
    }
    return shown;
  }

  const policy::Question& question_;
  const authz::Check& check_;
  std::string_view account_;
  policy::Trace trace_;
};

}  // namespace

Explanation explanation_of(const policy::Question& question,
                           const authz::Check& check,
                           std::string_view account) {
  return Telling(question, check, account).run();
}

}  // namespace signet::insight
