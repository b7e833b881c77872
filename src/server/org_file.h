#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "identity/entities.h"

namespace signet::server {

// How service and resource control policies are written in bootstrap files and in the files of
// `signet org` (docs/guide/organizations.md). A level is a list of policies; a policy is the
// document itself, its text, {"name", "document"}, or the name of one that AWS keeps. InvalidInput
// says where what is wrong.

enum class OrgPolicyKind : unsigned char { Scp, Rcp };

// A policy that AWS keeps under a name, whose text a file may leave out: FullAWSAccess, of resource
// control policies RCPFullAWSAccess. Empty: the name is none of these.
[[nodiscard]] std::string_view named_org_policy(OrgPolicyKind kind, std::string_view name);

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

// Reads {"id", "path", "management", "iam_access", "billing_only", "delegated_administrator"} into
// `org`.
[[nodiscard]] Status read_organization(const codec::Json& json,
                                       std::string_view where,
                                       identity::OrgPolicies& org);

// Refuses organization ids and paths that no organization has (o-..., o-.../r-.../ou-.../), and
// what is said of another account than the management account.
[[nodiscard]] Status check_organization(const identity::OrgPolicies& org, std::string_view where);

// Levels as read_levels() takes them.
void append_levels(codec::JsonWriter& writer, const std::vector<identity::OrgLevel>& levels);

// The members "organization", "scps" and "rcps" as one object, as a bootstrap file has them.
[[nodiscard]] std::string show_org(const identity::OrgPolicies& org);

// No statement of the level allows anything: below it every call is refused.
[[nodiscard]] bool allows_nothing(const identity::OrgLevel& level);

}  // namespace signet::server
