#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "identity/directory.h"
#include "server/operator.h"

namespace signet::server {

// What operators do with the organization of an account. Each change is in force from the next
// request on, and durable with its audit record; each answers a sentence. InvalidInput says where
// what is wrong.

// The account's place and policies as JSON (org_file.h); {} outside an organization.
[[nodiscard]] Result<std::string> show_organization(identity::Directory& directory,
                                                    const std::string& account,
                                                    const Operator& by);

// Takes the members "organization", "path", "management", "iam_access", "billing_only" and
// "delegated_administrator" of a request; what is absent stays.
[[nodiscard]] Result<std::string> place_account(identity::Directory& directory,
                                                const codec::Json& request,
                                                const Operator& by);

// Takes the members "scps" or "rcps" (or both) of a request: lists of levels, which replace those
// that there are.
[[nodiscard]] Result<std::string> set_org_policies(identity::Directory& directory,
                                                   const codec::Json& request,
                                                   const Operator& by);

// Takes the account out of its organization.
[[nodiscard]] Result<std::string> leave_organization(identity::Directory& directory,
                                                     const std::string& account,
                                                     const Operator& by);

}  // namespace signet::server
