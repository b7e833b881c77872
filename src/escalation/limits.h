#pragma once

#include <string_view>

#include "identity/snapshot.h"
#include "policy_engine/policy_member.h"

// What policies limit, read from their texts alone.

namespace signet::escalation {

// Allows every action on every resource, whatever the request.
[[nodiscard]] bool allows_all(const policy::PolicyRef& policy);
// Has a statement that denies, or that allows. One that cannot be read denies.
[[nodiscard]] bool denies_something(const policy::PolicyRef& policy);
[[nodiscard]] bool allows_something(const policy::PolicyRef& policy);

// Of a managed policy; null: there is none.
[[nodiscard]] const identity::StoredDocument* default_document_of(
    const identity::Snapshot& snapshot, std::string_view policy_arn);

// A boundary that limits nothing.
[[nodiscard]] bool is_no_limit(const identity::Snapshot& snapshot, std::string_view policy_arn);

}  // namespace signet::escalation
