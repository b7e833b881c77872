#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "authz/authz_context.h"
#include "authz/caller_sets.h"
#include "authz/check.h"
#include "policy_language/context.h"

namespace signet::authz {

// Memory for the values of one decision's context that are not text already; must outlive the
// context.
struct ContextStorage {
  std::vector<std::string_view> tag_keys;
  std::vector<std::vector<std::string_view>> lists;
  std::string sign_in_session;  // its ARN
};

// The organizations of the two accounts; null: in none. They outlive the context.
struct Organizations {
  const AccountGuards* caller = nullptr;
  const AccountGuards* resource = nullptr;
};

// Fills the context keys of one check (policy-semantics 5): the global keys that the kind of caller
// has, and the check's own. A key that AWS does not put there stays absent.
void fill_context(const AuthzContext& context,
                  const Check& check,
                  ContextStorage& storage,
                  policy::RequestContext& out,
                  const Organizations& organizations = {});

// A key of a context that has a value.
struct ShownKey {
  std::string name;
  policy::Value value;  // views what the context views
};

// What fill_context() has put into `keys` for a check, each key once, for showing it to people.
[[nodiscard]] std::vector<ShownKey> present_keys(const AuthzContext& context,
                                                 const Check& check,
                                                 const policy::RequestContext& keys);

}  // namespace signet::authz
