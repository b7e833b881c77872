#pragma once

#include <memory>

#include "policy/context.h"
#include "policy/policy_set.h"
#include "policy/settings.h"

namespace signet::policy {

// Context keys that have the same value, or none, in every request decided with a bound set.
struct Constants;
using ConstantsRef = std::shared_ptr<const Constants>;

// The keys that cannot change while one set of credentials is used (facts, `lifetime`), as
// `context` has them; absent ones count as absent for good. Copies what it keeps. Made under the
// settings that the decisions will be made under.
[[nodiscard]] ConstantsRef session_constants(const RequestContext& context,
                                             const Settings& settings = kDefaultSettings);

// The same policies for requests that agree with `constants`: variables in resources are replaced
// by what they stand for, conditions that depend on nothing else are decided once. A decision is
// the same as with `set`, statement included; only its StatementRef names the
// bound set. Cheap: the index is built as actions are asked. A request that does not agree with the
// constants must not be decided with it.
[[nodiscard]] PolicySetRef bind(const PolicySet& set, ConstantsRef constants);

// Whether anything in the set depends on a key that session_constants() keeps. Without one, binding
// changes nothing.
[[nodiscard]] bool names_session_keys(const PolicySet& set);

// Both say the same of every key, so that what is bound to one of them fits the requests of the
// other. They must have been made under the same settings.
[[nodiscard]] bool is_same(const Constants& a, const Constants& b);

}  // namespace signet::policy
