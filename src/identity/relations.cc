#include "identity/relations.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace signet::identity {
namespace {

constexpr std::string_view kSeparator("\0", 1);

std::string use_member(char letter, std::string_view folded_name) {
  return concat(std::string_view(&letter, 1), folded_name);
}

template <class T>
std::vector<PolicyUseKey> uses_of(const T& entity,
                                  char attached,
                                  char boundary,
                                  std::string_view boundary_arn) {
  const std::string folded = fold_name(entity.name);
  std::vector<PolicyUseKey> keys;
  keys.reserve(entity.attached_policies.size() + 1);
  for (const std::string& arn : entity.attached_policies) {
    keys.push_back({.arn = arn, .member = use_member(attached, folded)});
  }
  if (!boundary_arn.empty()) {
    keys.push_back({.arn = std::string(boundary_arn), .member = use_member(boundary, folded)});
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

std::string relation_key(std::string_view owner, std::string_view member) {
  return concat(owner, kSeparator, member);
}

std::string_view relation_member(std::string_view owner, std::string_view key) {
  return key.substr(owner.size() + 1);
}

std::vector<PolicyUseKey> policy_uses(const User& user) {
  return uses_of(user, policy_use_letter::kUser, policy_use_letter::kUserBoundary, user.boundary);
}

std::vector<PolicyUseKey> policy_uses(const Group& group) {
  return uses_of(group, policy_use_letter::kGroup, 0, {});
}

std::vector<PolicyUseKey> policy_uses(const Role& role) {
  return uses_of(role, policy_use_letter::kRole, policy_use_letter::kRoleBoundary, role.boundary);
}

bool is_boundary_use(std::string_view member) {
  return member.front() >= policy_use_letter::kUserBoundary;
}

std::string ticket_key(TicketKind kind, std::string_view id_hash) {
  const char letter = static_cast<char>('0' + static_cast<int>(kind));
  return concat(std::string_view(&letter, 1), id_hash);
}

std::string ticket_expiry_key(const Ticket& ticket) {
  // Fixed width and unsigned, so that the order of bytes is the order of time.
  std::array<char, 8> time{};
  auto value = static_cast<std::uint64_t>(ticket.expires.unix_ms) ^ (std::uint64_t{1} << 63);
  for (std::size_t i = time.size(); i-- > 0;) {
    time[i] = static_cast<char>(value & 0xFF);
    value >>= 8;
  }
  return concat(std::string_view(time.data(), time.size()),
                ticket_key(ticket.kind, ticket.id_hash));
}

std::array<std::string, 2> ticket_count_keys(std::string_view account, std::string_view holder) {
  return {std::string(account), concat(account, std::string_view("\0", 1), holder)};
}

}  // namespace signet::identity
