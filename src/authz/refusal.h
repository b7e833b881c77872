#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "authz/check.h"
#include "authz/request_context.h"
#include "model/caller.h"
#include "policy_engine/decide.h"
#include "policy_telling/explain.h"

namespace signet::codec {
class JsonWriter;
}

namespace signet::authz {

// One refused check, as DecodeAuthorizationMessage (aws-wire 3.5) and the audit trail show it.
struct RefusalParts {
  const model::Caller& caller;
  const Check& check;
  const policy::Decision& decision;
  const std::vector<policy::StatementRef>& matched;    // Deny statements that applied
  const std::vector<policy::StatementTrace>& nearest;  // Allow statements that nearly did
  const std::vector<ShownKey>& keys;                   // what the context holds
};

// JSON on one line: allowed, explicitDeny, matchedStatements, failures, context.
[[nodiscard]] std::string refusal_json(const RefusalParts& parts);

// The keys as members of a JSON object: text, or a list where a key has several. Texts are cut at
// `longest` bytes. For this room.
void append_key_values(codec::JsonWriter& writer,
                       const std::vector<ShownKey>& keys,
                       std::size_t longest);

// The reason as the operator reads it, whatever the caller is told.
[[nodiscard]] std::string refusal_reason(const policy::Decision& decision, const Check& check);

// JSON on one line for the operator's record (docs/formats/audit.md): reason, kind of policy,
// statements and context. Long texts are cut.
[[nodiscard]] std::string refusal_record(const RefusalParts& parts);

// The same without statements that nearly applied and without context.
[[nodiscard]] std::string refusal_reason_record(const model::Caller& caller,
                                                const Check& check,
                                                const policy::Decision& decision);

// Whether the caller may be given an encoded message about the check: signed, and about a resource
// of the caller's own account, whose administrators alone can decode it. Checks whose reason is
// hidden give none, so that a role that does not exist is answered like one that refuses
// (aws-wire 2.5).
[[nodiscard]] bool may_be_described(const model::Caller& caller, const Check& check);

}  // namespace signet::authz
