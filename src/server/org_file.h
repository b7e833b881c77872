#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "identity/entities.h"

namespace signet::server {

// How service and resource control policies are written in bootstrap files and in the files of
// `signet org` (docs/guide/organizations.md). A level is a list of policies; a policy is the
// document itself, its text, or {"name", "document"}. InvalidInput says where what is wrong.

enum class OrgPolicyKind : unsigned char { Scp, Rcp };

// Reads a list of levels, root of the organization first.
[[nodiscard]] Result<std::vector<identity::OrgLevel>> read_levels(const codec::Json& json,
                                                                  OrgPolicyKind kind,
                                                                  std::string_view where);

// Reads one level: a list of policies, or a single policy. Policies without a name are called after
// `label` and their number.
[[nodiscard]] Result<identity::OrgLevel> read_level(const codec::Json& json,
                                                    OrgPolicyKind kind,
                                                    std::string_view label,
                                                    std::string_view where);

// Reads {"id", "path", "management"} into `org`.
[[nodiscard]] Status read_organization(const codec::Json& json,
                                       std::string_view where,
                                       identity::OrgPolicies& org);

// Refuses organization ids and paths that no organization has (o-..., o-.../r-.../ou-.../).
[[nodiscard]] Status check_organization(const identity::OrgPolicies& org, std::string_view where);

// The members "organization", "scps" and "rcps" as one object, as a bootstrap file has them.
[[nodiscard]] std::string show_org(const identity::OrgPolicies& org);

// No statement of the level allows anything: below it every call is refused.
[[nodiscard]] bool allows_nothing(const identity::OrgLevel& level);

}  // namespace signet::server
