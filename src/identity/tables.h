#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "identity/cow_ptr.h"
#include "identity/entities.h"
#include "identity/persistent_map.h"

namespace signet::identity {

template <class Index>
using TableOf = PersistentMap<typename Index::Key, EntityPtr<typename Index::Entity>>;

// The table of a kind within an account.
template <InAccount T>
using Table = TableOf<AccountIndex<T>>;

template <class Index>
struct TableMember {
  TableOf<Index> table;
};

// One table for each index of a list.
template <class List>
struct Tables;

template <class... Index>
struct Tables<Types<Index...>> : TableMember<Index>... {
  template <class I>
  [[nodiscard]] const TableOf<I>& of() const {
    return TableMember<I>::table;
  }

  template <class I>
  [[nodiscard]] TableOf<I>& of() {
    return TableMember<I>::table;
  }
};

// What Kind<T>::parts() adds up to.
template <class T>
struct PartsMember {
  std::size_t parts = 0;
};

// The counts that Kind<T>::tallies() names; never 0.
template <class T>
struct TallyMember {
  PersistentMap<std::string, std::size_t> tally;
};

template <template <class> class Member, class List>
struct Members;

template <template <class> class Member, class... T>
struct Members<Member, Types<T...>> : Member<T>... {};

template <class T>
using HasParts = std::bool_constant<requires(const T& v) { Kind<T>::parts(v); }>;

template <class T>
using HasTallies =
    std::bool_constant<requires(const T& v) { Kind<T>::tallies(v, [](const std::string&) {}); }>;

// What a policy can be attached to.
enum class PrincipalType : std::uint8_t { User, Group, Role };

// How often a policy is used inside one account (aws-wire 4.8).
struct PolicyUse {
  std::uint32_t attachments = 0;
  std::uint32_t boundaries = 0;
};

// The value of a table that is only a set.
struct Nothing {};

// One use of a policy by one entity: the letter (Kind<T>::kPolicyUse), then the name as NameKey
// compares it; so attachments of users, groups and roles come first, then boundaries. Views the
// name inside the entity, which the account's table by name holds: whoever replaces an entity puts
// its uses again.
class PolicyUseMember {
 public:
  PolicyUseMember(char letter, std::string_view name)
      : data_(name.data()), size_(static_cast<std::uint32_t>(name.size())), letter_(letter) {}

  [[nodiscard]] char letter() const { return letter_; }

  [[nodiscard]] std::string_view name() const { return {data_, size_}; }

  bool operator<(const PolicyUseMember& other) const {
    return letter_ != other.letter_ ? letter_ < other.letter_
                                    : NameKey(name()) < NameKey(other.name());
  }

  bool operator==(const PolicyUseMember& other) const {
    return letter_ == other.letter_ && NameKey(name()) == NameKey(other.name());
  }

 private:
  const char* data_;
  std::uint32_t size_;
  char letter_;
};

// Who uses a policy.
struct PolicyUsers {
  PersistentMap<PolicyUseMember, Nothing> entities;
  PolicyUse use;
};

// Everything of one account.
struct AccountState {
  EntityPtr<Account> account;
  Tables<Filter<detail::IsInAccount, Indexes>> tables;
  PersistentMap<std::string, CowPtr<PolicyUsers>> policy_users;  // policy ARN
  Members<PartsMember, Filter<HasParts, Kinds>> parts;
};

}  // namespace signet::identity
