#include "identity/principals.h"

namespace signet::identity {

std::optional<std::string> SnapshotPrincipals::id_of(std::string_view arn) const {
  if (const User* user = snapshot_.find_by_arn<User>(arn)) {
    return user->id;
  }
  if (const Role* role = snapshot_.find_by_arn<Role>(arn)) {
    return role->id;
  }
  return std::nullopt;
}

std::optional<std::string> SnapshotPrincipals::arn_of(std::string_view id) const {
  if (const User* user = snapshot_.find<User>(id)) {
    return identity::arn_of(*user);
  }
  if (const Role* role = snapshot_.find<Role>(id)) {
    return identity::arn_of(*role);
  }
  return std::nullopt;
}

std::optional<std::string> SnapshotPrincipals::role_id_of(std::string_view account,
                                                          std::string_view name) const {
  const Role* role = snapshot_.find<Role>(account, name);
  return role != nullptr && role->name == name ? std::optional(role->id) : std::nullopt;
}

bool SnapshotPrincipals::has_account(std::string_view account) const {
  return snapshot_.find<Account>(account) != nullptr;
}

}  // namespace signet::identity
