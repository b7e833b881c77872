#include "signin/principal.h"

#include <algorithm>
#include <vector>

#include "authn/authenticator.h"
#include "base/strings.h"
#include "model/root_caller.h"
#include "signin/console_session.h"

namespace signet::signin {

Principal principal_of(const identity::Snapshot& snapshot,
                       std::string_view account,
                       std::string_view principal_id) {
  return {.account = snapshot.find<identity::Account>(account),
          .user = principal_id == account ? nullptr : snapshot.find<identity::User>(principal_id),
          .login = login_of(snapshot, account, principal_id)};
}

const identity::Account* find_account(const identity::Snapshot& snapshot, std::string_view name) {
  const identity::Account* account = snapshot.find<identity::Account>(name);
  return account != nullptr ? account : snapshot.find_account_by_alias(name);
}

const identity::Account* find_account_of_root(const identity::Snapshot& snapshot,
                                              std::string_view name) {
  if (const identity::Account* account = snapshot.find<identity::Account>(name)) {
    return account;
  }
  const std::vector<const identity::Account*> all = snapshot.accounts();
  const auto has_address = [name](const identity::Account* account) {
    return !account->email.empty() && equals_ignore_case(account->email, name);
  };
  const auto found = std::ranges::find_if(all, has_address);
  const bool is_only =
      found != all.end() && std::find_if(found + 1, all.end(), has_address) == all.end();
  return is_only ? *found : nullptr;
}

std::string arn_of(const Principal& principal) {
  return principal.user != nullptr ? identity::arn_of(*principal.user)
                                   : model::root_caller(principal.account->id).arn;
}

model::Caller caller_of(const Principal& principal) {
  return principal.user != nullptr ? authn::caller_of_user(*principal.user)
                                   : model::root_caller(principal.account->id);
}

}  // namespace signet::signin
