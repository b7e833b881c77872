#pragma once

#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "codec/json.h"
#include "identity/snapshot.h"

namespace signet::server {

// What `signet policy explain --data` asks of a directory: {"principal": ARN, service, or the name
// of a user or role; absent: anonymous, "action": "service:Name", "resource": ARN, "context": {KEY:
// text or list}, "is_whole_context": true for that of a recorded request, "session": {"policy":
// text, "policy_arns": [ARN], "has_policy": true, "scopes": [text of each layer]}, "issuer": unique
// id of a federated user's issuer}. The answer is the question with every policy and context key
// that would decide it at `now` (docs/reference/policy-batch.md). An error says what there is not.
[[nodiscard]] Result<std::string> policy_question(const codec::Json& request,
                                                  const identity::Snapshot& snapshot,
                                                  Instant now);

// The ARNs of all users and roles, account by account, one a line.
[[nodiscard]] std::string principals_of(const identity::Snapshot& snapshot);

}  // namespace signet::server
