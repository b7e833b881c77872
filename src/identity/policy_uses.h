#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "identity/entities.h"
#include "identity/tables.h"

namespace signet::identity {

// One use of a policy by one entity. `member` is the key in PolicyUsers::entities: the letter
// (Kind<T>::kPolicyUse), then the folded name; so attachments of users, groups and roles come
// first, then boundaries.
struct PolicyUseKey {
  std::string arn;
  std::string member;

  auto operator<=>(const PolicyUseKey&) const = default;
};

namespace detail {

std::vector<PolicyUseKey> policy_uses(std::string_view name,
                                      const std::vector<std::string>& attached,
                                      std::string_view boundary,
                                      PolicyUseLetters letters);

}  // namespace detail

// All uses by an entity, sorted.
template <UsesPolicies T>
[[nodiscard]] std::vector<PolicyUseKey> policy_uses(const T& v) {
  std::string_view boundary;
  if constexpr (requires { v.boundary; }) {
    boundary = v.boundary;
  }
  return detail::policy_uses(v.name, v.attached_policies, boundary, Kind<T>::kPolicyUse);
}

// Whether a member stands for a boundary.
[[nodiscard]] bool is_boundary_use(std::string_view member);

// Which of the two numbers counts a member.
[[nodiscard]] std::uint32_t& counter_of(PolicyUse& use, std::string_view member);

}  // namespace signet::identity
