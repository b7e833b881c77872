#pragma once

#include <string>
#include <string_view>

#include "facts/iam_types.h"
#include "identity/snapshot.h"

namespace signet::iam {

// Entities as IAM shows them. Each operation shows a different part (aws-wire 4.4 to 4.8); what all
// of them show comes from here.

// Path, name, id, ARN, dates. Neither tags nor boundary.
[[nodiscard]] User show(const identity::User& user, const identity::Snapshot& snapshot);
[[nodiscard]] Group show(const identity::Group& group);
// With the trust policy as AWS prints it; neither description, session duration, tags,
// boundary nor last use.
[[nodiscard]] Role show(const identity::Role& role, const identity::Snapshot& snapshot);
// With the counts of `account`; neither description nor tags.
[[nodiscard]] Policy show(const identity::ManagedPolicy& policy,
                          const identity::Snapshot& snapshot,
                          std::string_view account);

// The root user, as GetUser shows it to root.
[[nodiscard]] User show_root(const identity::Account& account, const identity::Snapshot& snapshot);

// With the role, if there is one, in its short form; no tags.
[[nodiscard]] InstanceProfile show(const identity::InstanceProfile& profile,
                                   const identity::Snapshot& snapshot);

// Nothing in it for a role that was not used in the 400 days before `now` (aws-wire 4.6).
[[nodiscard]] RoleLastUsed show_last_used(const identity::Role& role,
                                          const identity::Snapshot& snapshot,
                                          Instant now);

// `arn` is not empty. The type on the wire is Policy, whatever the model's enumeration says
// (aws-wire 4.4).
[[nodiscard]] AttachedPermissionsBoundary show_boundary(std::string_view arn);

// v<number>.
[[nodiscard]] std::string version_id(std::uint32_t number);

}  // namespace signet::iam
