#pragma once

#include <array>
#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "identity/entities.h"
#include "identity/persistent_map.h"

namespace signet::identity {

// Compound keys of the relation tables: owner, '\0', member. Owners never hold a '\0'.
[[nodiscard]] std::string relation_key(std::string_view owner, std::string_view member);
[[nodiscard]] std::string_view relation_member(std::string_view owner, std::string_view key);

namespace policy_use_letter {
inline constexpr char kUser = 'A';
inline constexpr char kGroup = 'B';
inline constexpr char kRole = 'C';
inline constexpr char kUserBoundary = 'D';
inline constexpr char kRoleBoundary = 'E';
}  // namespace policy_use_letter

// One use of a policy by one entity. `member` is the key in PolicyUsers::entities: the letter, then
// the folded name; so attachments of users, groups and roles come first, then boundaries.
struct PolicyUseKey {
  std::string arn;
  std::string member;

  auto operator<=>(const PolicyUseKey&) const = default;
};

// All uses by an entity, sorted.
[[nodiscard]] std::vector<PolicyUseKey> policy_uses(const User& user);
[[nodiscard]] std::vector<PolicyUseKey> policy_uses(const Group& group);
[[nodiscard]] std::vector<PolicyUseKey> policy_uses(const Role& role);

// Whether a member stands for a boundary.
[[nodiscard]] bool is_boundary_use(std::string_view member);

// Key of AccountState and Snapshot tables for tickets.
[[nodiscard]] std::string ticket_key(TicketKind kind, std::string_view id_hash);
[[nodiscard]] std::string ticket_expiry_key(const Ticket& ticket);
// Keys of Snapshot's counts of tickets: the account's, then the holder's.
[[nodiscard]] std::array<std::string, 2> ticket_count_keys(std::string_view account,
                                                           std::string_view holder);

// Calls visit(entry) for every entry of a relation table that belongs to `owner`, in order, until
// it returns false.
template <class Table, class Visit>
void for_each_related(const Table& table, std::string_view owner, const Visit& visit) {
  const std::string first = relation_key(owner, {});
  for (auto it = table.lower_bound(first); it != table.end() && it->key.starts_with(first); ++it) {
    if (!visit(*it)) {
      return;
    }
  }
}

template <class Table>
[[nodiscard]] bool has_related(const Table& table, std::string_view owner) {
  bool found = false;
  for_each_related(table, owner, [&found](const auto&) {
    found = true;
    return false;
  });
  return found;
}

}  // namespace signet::identity
