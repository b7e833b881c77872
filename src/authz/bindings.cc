#include "authz/bindings.h"

#include <algorithm>
#include <array>

#include "authz/request_context.h"
#include "facts/condition_keys.h"

namespace signet::authz {
namespace {

using policy::PolicySetRef;

// The sets that may be bound: those of the caller alone.
constexpr std::array<PolicySetRef CallerSets::*, 3> kOwnSets = {
    &CallerSets::identity, &CallerSets::boundary, &CallerSets::session};

std::size_t statement_count(const policy::PolicySet& set) {
  std::size_t count = 0;
  for (const policy::PolicyMember& member : set.members()) {
    count += policy::document_of(*member.policy).statements().size();
  }
  return count;
}

// The constants of the caller as the state has them now.
policy::ConstantsRef constants_of(const AuthzContext& context, const CallerSets& sets) {
  policy::RequestContext keys;
  fill_caller_context(context, sets.guards.get(), keys);
  return policy::session_constants(keys);
}

// The keys with a slot that never change within a session, a bit each.
using KeyMask = std::array<std::uint64_t, (facts::kKeyCount + 63) / 64>;

KeyMask session_keys() {
  KeyMask mask{};
  for (const facts::ConditionKeyRow& row : facts::condition_keys()) {
    if (row.is_session_constant && row.shape != facts::KeyShape::Family) {
      mask[row.id / 64U] |= std::uint64_t{1} << (row.id % 64U);
    }
  }
  return mask;
}

// A check may say otherwise about a key of the session for its own evaluation: AssumeRole with an
// MFA code does.
bool sets_session_keys(const Check& check) {
  static const KeyMask kSessionKeys = session_keys();
  for (const ContextTexts::Entry& entry : check.texts.all()) {
    const auto key = static_cast<std::size_t>(entry.key);
    if (((kSessionKeys[key / 64] >> (key % 64)) & 1U) != 0) {
      return true;
    }
  }
  return std::any_of(check.context.begin(), check.context.end(), [](const ContextEntry& entry) {
    const facts::ConditionKeyRow* row = facts::find_condition_key(entry.key);
    return row != nullptr && row->is_session_constant;
  });
}

void know(Binding& binding, const model::Caller& caller) {
  binding.session = caller.session;
  binding.principal_arn = caller.principal_arn;
}

// The caller is one of those who are known to have the binding's constants, or is found to be.
bool has_constants(Binding& binding, const AuthzContext& context, const CallerSets& sets) {
  const model::Caller& caller = context.caller;
  if (binding.session == caller.session && binding.principal_arn == caller.principal_arn)
      [[likely]] {
    return true;
  }
  if (!policy::is_same(*binding.constants, *constants_of(context, sets))) {
    return false;
  }
  know(binding, caller);
  return true;
}

}  // namespace

void Bindings::refresh(Binding& binding, const AuthzContext& context, const CallerSets& sets) {
  const bool has_same_sets = std::all_of(
      kOwnSets.begin(), kOwnSets.end(), [&](auto set) { return binding.source.*set == sets.*set; });
  if (has_same_sets && binding.constants == nullptr) {
    return;
  }
  if (has_same_sets && policy::is_same(*binding.constants, *constants_of(context, sets))) {
    binding.bound.guards = sets.guards;
    know(binding, context.caller);
    return;
  }
  drop(binding);
  for (const auto set : kOwnSets) {
    binding.source.*set = sets.*set;
  }
  binding.due_in = decisions_until_due(sets);
}

const CallerSets* Bindings::choose(Binding& binding,
                                   const AuthzContext& context,
                                   const Check& check,
                                   const CallerSets& sets) {
  if (binding.due_in != 0) {
    --binding.due_in;
    if (binding.due_in == 0) {
      bind_one(binding, context, sets);
    }
  }
  if (binding.constants == nullptr) {
    return nullptr;
  }
  binding.last_used = ++decisions_;
  const bool fits = !sets_session_keys(check) && has_constants(binding, context, sets);
  return fits ? &binding.bound : nullptr;
}

void Bindings::clear() {
  kept_.clear();
  statements_ = 0;
}

std::uint32_t Bindings::decisions_until_due(const CallerSets& sets) const {
  std::size_t statements = 0;
  for (const auto set : kOwnSets) {
    statements += is_worth_binding(sets.*set) ? statement_count(*(sets.*set)) : 0;
  }
  if (statements == 0) {
    return 0;
  }
  return statements > limits_.many_statements ? limits_.few_decisions : limits_.many_decisions;
}

bool Bindings::is_worth_binding(const PolicySetRef& set) const {
  return set != nullptr && !set->is_broken() && policy::names_session_keys(*set) &&
         statement_count(*set) <= limits_.statements_of_set;
}

// One set for each decision, so that no request pays for all of them.
void Bindings::bind_one(Binding& binding, const AuthzContext& context, const CallerSets& sets) {
  const auto next = std::find_if(kOwnSets.begin(), kOwnSets.end(), [&](auto set) {
    const bool is_bound = binding.constants != nullptr && binding.bound.*set != sets.*set;
    return !is_bound && is_worth_binding(sets.*set);
  });
  if (next == kOwnSets.end()) {
    return;
  }
  const PolicySetRef& set = sets.**next;
  const std::size_t count = statement_count(*set);
  make_room(binding, count);
  if (binding.constants == nullptr) {
    binding.constants = constants_of(context, sets);
    know(binding, context.caller);
    binding.bound = sets;
    kept_.push_back(&binding);
  }
  binding.bound.** next = policy::bind(*set, binding.constants);
  binding.statements += count;
  statements_ += count;
  binding.due_in = 1;
}

// Those that decided last stay. One that had to go is bound again only if it decides often, lest
// callers in turn push each other out.
void Bindings::make_room(const Binding& wanted, std::size_t statements) {
  const auto is_older = [&wanted](const Binding* a, const Binding* b) {
    return b == &wanted || (a != &wanted && a->last_used < b->last_used);
  };
  const auto is_full = [&] {
    const std::size_t callers = kept_.size() + (wanted.constants == nullptr ? 1 : 0);
    return callers > limits_.callers || statements_ + statements > limits_.statements;
  };
  while (is_full()) {
    const auto oldest = std::min_element(kept_.begin(), kept_.end(), is_older);
    if (oldest == kept_.end() || *oldest == &wanted) {
      return;
    }
    (*oldest)->due_in = limits_.many_decisions;
    drop(**oldest);
  }
}

void Bindings::drop(Binding& binding) {
  if (binding.constants == nullptr) {
    return;
  }
  std::erase(kept_, &binding);
  statements_ -= binding.statements;
  binding.statements = 0;
  binding.bound = {};
  binding.constants.reset();
  binding.session.reset();
  binding.principal_arn.clear();
}

}  // namespace signet::authz
