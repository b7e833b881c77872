#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "facts/iam_sentences.h"
#include "iam/quotas.h"
#include "identity/snapshot.h"
#include "identity/transaction.h"
#include "policy_language/size.h"

namespace signet::iam {

// What users, groups and roles have in common: a name, inline policies, attached policies. Lets one
// function serve the three operations that AWS has for each verb.
template <class Entity>
struct PrincipalTraits;

template <>
struct PrincipalTraits<identity::User> {
  static constexpr std::string_view kKind = "user";
  static constexpr std::size_t kInlineMax = policy::kUserInlineMax;
  static constexpr Quota kAttachedQuota = Quota::PoliciesPerUser;

  static const identity::User* find(const identity::Snapshot& snapshot,
                                    std::string_view account,
                                    std::string_view name) {
    return snapshot.find<identity::User>(account, name);
  }

  static void put(identity::Transaction& transaction, identity::User user) {
    transaction.put(std::move(user));
  }

  static Failure not_found(std::string_view name) { return user_not_found(name); }

  static Status require_modifiable(const identity::User&) { return {}; }

  static const std::vector<model::Tag>* tags(const identity::User& user) { return &user.tags; }

  static std::string_view boundary(const identity::User& user) { return user.boundary; }
};

template <>
struct PrincipalTraits<identity::Group> {
  static constexpr std::string_view kKind = "group";
  static constexpr std::size_t kInlineMax = policy::kGroupInlineMax;
  static constexpr Quota kAttachedQuota = Quota::PoliciesPerGroup;

  static const identity::Group* find(const identity::Snapshot& snapshot,
                                     std::string_view account,
                                     std::string_view name) {
    return snapshot.find<identity::Group>(account, name);
  }

  static void put(identity::Transaction& transaction, identity::Group group) {
    transaction.put(std::move(group));
  }

  static Failure not_found(std::string_view name) { return group_not_found(name); }

  static Status require_modifiable(const identity::Group&) { return {}; }

  static const std::vector<model::Tag>* tags(const identity::Group&) { return nullptr; }

  static std::string_view boundary(const identity::Group&) { return {}; }
};

template <>
struct PrincipalTraits<identity::Role> {
  static constexpr std::string_view kKind = "role";
  static constexpr std::size_t kInlineMax = policy::kRoleInlineMax;
  static constexpr Quota kAttachedQuota = Quota::PoliciesPerRole;

  static const identity::Role* find(const identity::Snapshot& snapshot,
                                    std::string_view account,
                                    std::string_view name) {
    return snapshot.find<identity::Role>(account, name);
  }

  static void put(identity::Transaction& transaction, identity::Role role) {
    transaction.put(std::move(role));
  }

  static Failure not_found(std::string_view name) { return role_not_found(name); }

  // Roles that AWS made are AWS's to change.
  static Status require_modifiable(const identity::Role& role) {
    if (is_protected_path(role.path)) {
      return protected_role(role.name);
    }
    return {};
  }

  // Paths of service-linked roles and of IAM Identity Center's.
  static bool is_protected_path(std::string_view path) {
    return path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/");
  }

  static const std::vector<model::Tag>* tags(const identity::Role& role) { return &role.tags; }

  static std::string_view boundary(const identity::Role& role) { return role.boundary; }
};

template <class Entity>
concept Principal = requires {
  { PrincipalTraits<Entity>::kKind } -> std::convertible_to<std::string_view>;
};

// The entity, or NoSuchEntity in its kind's words.
template <Principal Entity>
[[nodiscard]] Result<const Entity*> require(const identity::Snapshot& snapshot,
                                            std::string_view account,
                                            std::string_view name) {
  const Entity* entity = PrincipalTraits<Entity>::find(snapshot, account, name);
  if (entity == nullptr) {
    return PrincipalTraits<Entity>::not_found(name);
  }
  return entity;
}

// The entity if it exists and may be changed.
template <Principal Entity>
[[nodiscard]] Result<const Entity*> require_modifiable(const identity::Snapshot& snapshot,
                                                       std::string_view account,
                                                       std::string_view name) {
  const Entity* entity = TRY(require<Entity>(snapshot, account, name));
  TRY_STATUS(PrincipalTraits<Entity>::require_modifiable(*entity));
  return entity;
}

}  // namespace signet::iam
