#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "authz/check.h"
#include "base/instant.h"
#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::escalation {

// Who would call: requests that nobody makes, asked of the authorizer that decides those that are
// made.

// A user with a session of GetSessionToken that MFA was given for now, or was not.
[[nodiscard]] model::Caller caller_with_mfa(const identity::User& user, Instant now);
[[nodiscard]] model::Caller caller_without_mfa(const identity::User& user, Instant now);

// A session of the role that was assumed now, by AssumeRole or with an identity provider: without
// MFA, tags or a session policy.
[[nodiscard]] model::Caller caller_of(const identity::Role& role, Instant now);
[[nodiscard]] model::Caller caller_by_provider(const identity::Role& role, Instant now);

// The permission to ask what that principal may do (iam:SimulatePrincipalPolicy). Of one who is not
// there it is asked by the ARN: nobody learns who is without it.
[[nodiscard]] authz::Check permission_for(const std::string& arn,
                                          const identity::Snapshot& snapshot);

// The user of that ARN in the account with a long-term key, or a session of the role that was
// assumed now, without MFA, tags or a session policy; nothing if there is neither.
[[nodiscard]] std::optional<model::Caller> caller_named(std::string_view arn,
                                                        std::string_view account,
                                                        const identity::Snapshot& snapshot,
                                                        Instant now);

// The decision about an action on a resource (an ARN or "*"), with what guards the resource here:
// the trust policy of a role that is to be assumed, the policy of a bucket, the tags of users and
// roles.
[[nodiscard]] authz::Check check_for(std::string_view action,
                                     std::string_view resource,
                                     const identity::Snapshot& snapshot);

}  // namespace signet::escalation
