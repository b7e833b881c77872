#pragma once

#include <string>
#include <vector>

#include "authz/check.h"
#include "model/caller.h"
#include "policy_engine/decide.h"

namespace signet::authz {

// One refused check as DecodeAuthorizationMessage shows it (aws-wire 3.5).
struct RefusalParts {
  const model::Caller& caller;
  const Check& check;
  const policy::Decision& decision;
  const std::vector<policy::StatementRef>& matched;  // Deny statements that applied
  const policy::RequestContext& keys;
  const std::vector<std::string>& key_names;  // what the context holds
};

// JSON on one line: allowed, explicitDeny, matchedStatements, failures, context.
[[nodiscard]] std::string refusal_json(const RefusalParts& parts);

// Whether the caller may be given an encoded message about the check: signed, and about a resource
// of the caller's own account, whose administrators alone can decode it. Checks whose reason is
// hidden give none, so that a role that does not exist is answered like one that refuses
// (aws-wire 2.5).
[[nodiscard]] bool may_be_described(const model::Caller& caller, const Check& check);

}  // namespace signet::authz
