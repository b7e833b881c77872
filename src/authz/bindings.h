#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "authz/authorizer.h"
#include "authz/caller_sets.h"
#include "authz/check.h"
#include "model/caller.h"
#include "policy/bind.h"

namespace signet::authz {

// When a caller's sets are bound, and how many are kept. A statement of a bound set holds some 450
// bytes when every action is in use: about 15 MiB for one thread.
struct BindingLimits {
  std::size_t callers = 256;
  std::size_t statements = 32'768;
  // Larger sets are never bound: binding happens within a request and takes 0.1 to 0.6 us for each
  // statement.
  std::size_t statements_of_set = 4'096;
  // A caller with more than `many_statements` is worth binding after `few_decisions`, any other
  // after `many_decisions`.
  std::size_t many_statements = 200;
  std::uint32_t few_decisions = 16;
  std::uint32_t many_decisions = 10'000;
};

// The sets of one caller bound to what never changes for it. Belongs to Bindings; stays in its
// place until Bindings::clear().
struct Binding {
  CallerSets source;               // the sets that `due_in` and `bound` speak of; without guards
  CallerSets bound;                // the sets to decide with, bound where that gains something
  policy::ConstantsRef constants;  // what `bound` is bound to; null: nothing is bound
  // Who is known to have those constants, in the state of the last refresh().
  std::shared_ptr<const model::Session> session;
  std::string principal_arn;
  std::size_t statements = 0;   // of the sets that are bound
  std::uint32_t due_in = 0;     // decisions until a set is bound; 0: none is to be bound
  std::uint64_t last_used = 0;  // number of a decision
};

// Binds the sets of callers who decide often (policy/bind.h) and sees to it that a bound set
// decides only for those whose constants it has. One per thread.
class Bindings {
 public:
  explicit Bindings(const BindingLimits& limits = {}) : limits_(limits) {}

  // To be called whenever `sets` or the state they come from may have changed, before choose().
  void refresh(Binding& binding, const AuthzContext& context, const CallerSets& sets);

  // The sets to decide one check with, bound; null: `sets` themselves. May bind one set.
  [[nodiscard]] const CallerSets* choose(Binding& binding,
                                         const AuthzContext& context,
                                         const Check& check,
                                         const CallerSets& sets);

  // Forgets every Binding there is; they are about to go.
  void clear();

 private:
  [[nodiscard]] std::uint32_t decisions_until_due(const CallerSets& sets) const;
  [[nodiscard]] bool is_worth_binding(const policy::PolicySetRef& set) const;
  void bind_one(Binding& binding, const AuthzContext& context, const CallerSets& sets);
  void make_room(const Binding& wanted, std::size_t statements);
  void drop(Binding& binding);

  BindingLimits limits_;
  std::vector<Binding*> kept_;  // those with constants
  std::size_t statements_ = 0;  // theirs together
  std::uint64_t decisions_ = 0;
};

}  // namespace signet::authz
