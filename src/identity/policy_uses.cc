#include "identity/policy_uses.h"

#include <algorithm>

namespace signet::identity {
std::vector<PolicyUseKey> detail::policy_uses(std::string_view name,
                                              const std::vector<std::string>& attached,
                                              std::string_view boundary,
                                              PolicyUseLetters letters) {
  std::vector<PolicyUseKey> keys;
  keys.reserve(attached.size() + 1);
  for (const std::string& arn : attached) {
    keys.push_back({.arn = arn, .member = {letters.attached, name}});
  }
  if (!boundary.empty()) {
    keys.push_back({.arn = boundary, .member = {letters.boundary, name}});
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

bool is_boundary_use(const PolicyUseMember& member) {
  return member.letter() == Kind<User>::kPolicyUse.boundary ||
         member.letter() == Kind<Role>::kPolicyUse.boundary;
}

std::uint32_t& counter_of(PolicyUse& use, const PolicyUseMember& member) {
  return is_boundary_use(member) ? use.boundaries : use.attachments;
}

}  // namespace signet::identity
