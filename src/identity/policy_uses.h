#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "identity/entities.h"
#include "identity/tables.h"

namespace signet::identity {

// One use of a policy. Views the entity that it was made from.
struct PolicyUseKey {
  std::string_view arn;
  PolicyUseMember member;

  bool operator<(const PolicyUseKey& other) const {
    return arn != other.arn ? arn < other.arn : member < other.member;
  }
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
[[nodiscard]] bool is_boundary_use(const PolicyUseMember& member);

// Which of the two numbers counts a member.
[[nodiscard]] std::uint32_t& counter_of(PolicyUse& use, const PolicyUseMember& member);

}  // namespace signet::identity
