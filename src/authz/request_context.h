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

// Names of the keys that fill_context() sets for a check, each once; some may be absent all the
// same. For showing a context to people.
[[nodiscard]] std::vector<std::string> context_key_names(const AuthzContext& context,
                                                         const Check& check);

}  // namespace signet::authz
