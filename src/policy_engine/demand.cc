#include "policy_engine/demand.h"

#include <algorithm>

#include "policy_engine/index.h"
#include "policy_engine/policy_set.h"

namespace signet::policy {
namespace {

// Adds the keys that conditions and variables of one statement read.
class StatementDemand {
 public:
  StatementDemand(const CompiledPolicy& policy, KeyDemand& demand)
      : policy_(policy), demand_(demand) {}

  void add(const CompiledStatement& statement) {
    for (const ResourcePattern& resource :
         CompiledPolicy::slice(policy_.resources, statement.resources)) {
      add(resource.tail);
    }
    for (const Condition& condition :
         CompiledPolicy::slice(policy_.conditions, statement.conditions)) {
      demand_.add(condition.key);
      for (const Operand& operand : CompiledPolicy::slice(policy_.operands, condition.operands)) {
        add(condition, operand);
      }
    }
  }

 private:
  void add(const Condition& condition, const Operand& operand) {
    add(operand.pattern);
    if (condition.op.compare == Compare::ArnLike && operand.extra != Operand::kUnreadable) {
      for (const Pattern& part : policy_.arns[operand.extra]) {
        add(part);
      }
    }
  }

  void add(const Pattern& pattern) {
    for (const Token& token : policy_.store.of(pattern)) {
      if (token.kind == Token::Kind::Variable) {
        demand_.add(policy_.store.variables[token.variable].key);
      }
    }
  }

  const CompiledPolicy& policy_;
  KeyDemand& demand_;
};

KeyDemand everything() {
  return KeyDemand{.keys = {~std::uint64_t{0}, ~std::uint64_t{0}},
                   .families = ~std::uint32_t{0},
                   .others = true};
}

}  // namespace

void KeyDemand::add(const KeyRef& key) {
  switch (key.kind) {
    case KeyRef::Kind::Fixed:
      keys[key.id / 64U] |= std::uint64_t{1} << (key.id % 64U);
      break;
    case KeyRef::Kind::Tag:
      families |= std::uint32_t{1} << key.id;
      break;
    case KeyRef::Kind::Other:
      others = true;
      break;
  }
}

KeyDemand key_demand(std::string_view action,
                     const PolicyInputs& policies,
                     const Settings& settings) noexcept {
  KeyDemand demand;
  const Request request{.action = action, .resource = "*"};
  const RequestParts parts(request);
  const Principal nobody;
  const RequestContext empty;
  Evaluation evaluation(parts, nobody, empty, settings, false);
  const auto add = [&](const PolicySet* set) {
    if (set == nullptr || set->is_broken()) {
      return;
    }
    const SetIndex& index = set->index();
    const ActionClass* entry = index.find(parts, evaluation);
    if (entry == nullptr || index.is_asked_plainly(*entry)) {
      demand = everything();
      return;
    }
    for (const std::uint32_t number : entry->body->rows()) {
      const IndexRow& row = index.rows[number];
      StatementDemand(*index.members[row.member].policy, demand).add(index.statement_of(row));
    }
  };
  for (const GuardRails* rails : {policies.scps, policies.rcps, policies.scopes}) {
    for (std::size_t i = 0; rails != nullptr && i < rails->levels().size(); ++i) {
      add(rails->levels()[i].get());
    }
  }
  for (const PolicySet* set : {policies.endpoint,
                               policies.resource,
                               policies.identity,
                               policies.boundary,
                               policies.session}) {
    add(set);
  }
  return demand;
}

}  // namespace signet::policy
