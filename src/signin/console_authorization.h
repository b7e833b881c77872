#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authz/check.h"
#include "identity/snapshot.h"

namespace signet::signin {

// From where people may sign in to an account, and get credentials for programs (signin-api 3, 5):
// statements of the account's sign-in resource policy, each of which denies who comes from
// elsewhere. They have no effect until console authorization is switched on, and none on requests
// that are signed with access keys. Kept among the account's settings.
struct PermissionStatement {
  std::string id;                  // its Sid: 64 characters of base64
  std::string source_ip;           // an address or a range: who comes from there is not denied
  std::string requested_region;    // likewise a region; empty: any
  std::string excluded_principal;  // ARN whom it does not deny; empty: nobody
  std::string client_token;

  bool operator==(const PermissionStatement&) const = default;
};

[[nodiscard]] bool is_console_authorization_on(const identity::Account& account);
void switch_console_authorization(identity::Account& account, bool is_on);

// In the order of their ids. One that cannot be read denies everybody: nobody writes such a one but
// by hand.
[[nodiscard]] std::vector<PermissionStatement> permission_statements(
    const identity::Account& account);
void put_permission_statement(identity::Account& account, const PermissionStatement& statement);
void erase_permission_statement(identity::Account& account, std::string_view id);

// Whether a text is an IP address, or a range that is not of all addresses.
[[nodiscard]] bool is_source(std::string_view text);

// Whether the account's statements deny this person here, who is an owner of sessions
// (session_owner.h), from where the request comes.
[[nodiscard]] bool is_denied_here(std::string_view account,
                                  std::string_view owner,
                                  const authz::RequestInfo& request,
                                  const identity::Snapshot& snapshot);

}  // namespace signet::signin
