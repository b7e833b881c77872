#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>

#include "iam/named.h"
#include "iam/quotas.h"

namespace signet::iam {

// What users, groups and roles have in common: inline policies and attached policies. Lets one
// function serve the three operations that AWS has for each verb.
template <class Entity>
struct PrincipalTraits;

template <>
struct PrincipalTraits<identity::User> {
  static constexpr std::size_t kInlineMax = facts::kUserInlineMax;
  static constexpr Quota kAttachedQuota = Quota::PoliciesPerUser;
};

template <>
struct PrincipalTraits<identity::Group> {
  static constexpr std::size_t kInlineMax = facts::kGroupInlineMax;
  static constexpr Quota kAttachedQuota = Quota::PoliciesPerGroup;
};

template <>
struct PrincipalTraits<identity::Role> {
  static constexpr std::size_t kInlineMax = facts::kRoleInlineMax;
  static constexpr Quota kAttachedQuota = Quota::PoliciesPerRole;
};

template <class Entity>
concept Principal = requires {
  { PrincipalTraits<Entity>::kInlineMax } -> std::convertible_to<std::size_t>;
};

}  // namespace signet::iam
