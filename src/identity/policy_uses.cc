#include "identity/policy_uses.h"

#include <algorithm>

#include "base/strings.h"

namespace signet::identity {
namespace {

std::string use_member(char letter, std::string_view folded_name) {
  return concat(std::string_view(&letter, 1), folded_name);
}

}  // namespace

std::vector<PolicyUseKey> detail::policy_uses(std::string_view name,
                                              const std::vector<std::string>& attached,
                                              std::string_view boundary,
                                              PolicyUseLetters letters) {
  const std::string folded = fold_name(name);
  std::vector<PolicyUseKey> keys;
  keys.reserve(attached.size() + 1);
  for (const std::string& arn : attached) {
    keys.push_back({.arn = arn, .member = use_member(letters.attached, folded)});
  }
  if (!boundary.empty()) {
    keys.push_back({.arn = std::string(boundary), .member = use_member(letters.boundary, folded)});
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

bool is_boundary_use(std::string_view member) {
  return member.front() == Kind<User>::kPolicyUse.boundary ||
         member.front() == Kind<Role>::kPolicyUse.boundary;
}

std::uint32_t& counter_of(PolicyUse& use, std::string_view member) {
  return is_boundary_use(member) ? use.boundaries : use.attachments;
}

}  // namespace signet::identity
