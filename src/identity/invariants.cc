#include "identity/invariants.h"

#include <map>
#include <set>
#include <type_traits>
#include <variant>

#include "base/strings.h"
#include "identity/policy_uses.h"
#include "identity/references.h"

namespace signet::identity {

// Looks at one snapshot and collects what is wrong.
class InvariantChecker {
 public:
  explicit InvariantChecker(const Snapshot& snapshot) : snapshot_(snapshot) {}

  std::vector<std::string> run() {
    expect(snapshot_.accounts_.is_well_formed(), "malformed tree", "accounts");
    expect(snapshot_.by_id_.is_well_formed(), "malformed tree", "ids");
    for (const auto& entry : snapshot_.accounts_) {
      check_account(entry.key, *entry.value);
    }
    for_each_type(Kinds(), [this]<class T>() {
      if constexpr (!InAccount<T> && !std::is_same_v<T, Account>) {
        check_entities<T>(
            snapshot_.tables_.template of<FirstOf<typename Kind<T>::Indexes>>(), nullptr, "");
      }
      check_tally<T>();
    });
    for_each_type(Filter<detail::IsGlobal, Indexes>(), [this]<class Index>() {
      check_table<Index>(snapshot_.tables_.template of<Index>(), "all accounts");
    });
    expect(snapshot_.by_id_.size() == with_id_, "stray ids", "all accounts");
    return std::move(defects_);
  }

 private:
  void defect(std::string_view what, std::string_view where) {
    defects_.push_back(concat(what, ": ", where));
  }

  void expect(bool holds, std::string_view what, std::string_view where) {
    if (!holds) {
      defect(what, where);
    }
  }

  void check_account(const std::string& id, const AccountState& state) {
    if (state.account == nullptr || state.account->id != id) {
      defect("account without record", id);
      return;
    }
    check_keys(*state.account, state.account, &state);
    for_each_type(Kinds(), [&]<class T>() {
      if constexpr (InAccount<T>) {
        check_entities<T>(state.tables.template of<AccountIndex<T>>(), &state, id);
      }
    });
    for_each_type(Filter<detail::IsInAccount, Indexes>(), [&]<class Index>() {
      check_table<Index>(state.tables.template of<Index>(), id);
    });
    expect(state.policy_users.is_well_formed(), "malformed tree", id);
    check_policy_use(state);
    check_policies(state);
  }

  // All of one kind, in one account or, when there is no state, altogether.
  template <class T>
  void check_entities(const auto& table, const AccountState* state, const std::string& account) {
    std::size_t parts = 0;
    for (const auto& entry : table) {
      const T& entity = *entry.value;
      if constexpr (Kind<T>::kNeedsAccount) {
        const bool is_placed = state == nullptr ? snapshot_.state(entity.account) != nullptr
                                                : entity.account == account;
        expect(is_placed, "listed in another account", label_of(entity));
      }
      check_keys(entity, entry.value, state);
      check_ways_to(entity, entry.value);
      const std::string missing = missing_reference(snapshot_, entity);
      expect(missing.empty(), "dangling reference", missing);
      if constexpr (HasParts<T>::value) {
        parts += Kind<T>::parts(entity);
      }
    }
    if constexpr (HasParts<T>::value) {
      expect(snapshot_.parts<T>(account) == parts, "wrong sum of parts", account);
    }
  }

  // Every key of an entity leads to it.
  template <class T>
  void check_keys(const T& entity, const EntityPtr<T>& self, const AccountState* state) {
    for_each_type(typename Kind<T>::Indexes(), [&]<class Index>() {
      Index::keys(entity, [&](const typename Index::Key& key) {
        const EntityPtr<T>* found = nullptr;
        if constexpr (Index::kInAccount) {
          found = state->tables.template of<Index>().find(key);
        } else {
          found = snapshot_.tables_.template of<Index>().find(key);
        }
        expect(found != nullptr && *found == self, "not found by a key of it", label_of(entity));
        static_cast<CountMember<Index>&>(expected_).count += 1;
      });
    });
  }

  // By unique id and by ARN.
  template <class T>
  void check_ways_to(const T& entity, const EntityPtr<T>& self) {
    if constexpr (Kind<T>::kHasUniqueId) {
      const EntityRef* found = snapshot_.find_entity(entity.id);
      const auto* same = found == nullptr ? nullptr : std::get_if<EntityPtr<T>>(found);
      expect(same != nullptr && *same == self, "not found by its id", label_of(entity));
      with_id_ += 1;
    }
    if constexpr (HasArn<T>) {
      expect(snapshot_.find_by_arn<T>(arn_of(entity)) == self.get(),
             "not found by its ARN",
             label_of(entity));
    }
  }

  // No table holds more than the keys that were counted since its last check, or hides an entry.
  template <class Index>
  void check_table(const TableOf<Index>& table, const std::string& account) {
    constexpr std::string_view kNoun = Kind<typename Index::Entity>::kNoun;
    std::size_t& expected = static_cast<CountMember<Index>&>(expected_).count;
    expect(table.is_well_formed(), "malformed tree", concat(kNoun, " ", account));
    expect(table.size() == expected, "stray entries", concat(kNoun, " ", account));
    expected = 0;
  }

  template <class T>
  void check_tally() {
    if constexpr (HasTallies<T>::value) {
      std::map<std::string, std::size_t> expected;
      for (const auto& entry :
           snapshot_.tables_.template of<FirstOf<typename Kind<T>::Indexes>>()) {
        Kind<T>::tallies(*entry.value, [&](const std::string& key) { expected[key] += 1; });
      }
      const auto& tally = static_cast<const TallyMember<T>&>(snapshot_.tallies_).tally;
      expect(tally.size() == expected.size(), "stray counts", Kind<T>::kNoun);
      for (const auto& [key, count] : expected) {
        const std::size_t* found = tally.find(key);
        expect(found != nullptr && *found == count, "wrong count", Kind<T>::kNoun);
      }
    }
  }

  void check_policy_use(const AccountState& state) {
    std::map<std::string_view, std::set<PolicyUseMember>> expected;
    const auto add = [&expected](const auto& table) {
      for (const auto& entry : table) {
        for (const PolicyUseKey& use : policy_uses(*entry.value)) {
          expected[use.arn].insert(use.member);
        }
      }
    };
    for_each_type(Kinds(), [&]<class T>() {
      if constexpr (UsesPolicies<T>) {
        add(state.tables.template of<ByName<T>>());
      }
    });
    expect(
        state.policy_users.size() == expected.size(), "stray uses of policies", state.account->id);
    for (const auto& [arn, members] : expected) {
      const CowPtr<PolicyUsers>* users = state.policy_users.find(arn);
      if (users == nullptr) {
        defect("uses of a policy are not listed", arn);
        continue;
      }
      check_users_of_policy(**users, members, arn);
    }
  }

  void check_users_of_policy(const PolicyUsers& users,
                             const std::set<PolicyUseMember>& expected,
                             std::string_view arn) {
    std::set<PolicyUseMember> members;
    PolicyUse count;
    for (const auto& entry : users.entities) {
      members.insert(entry.key);
      counter_of(count, entry.key) += 1;
    }
    expect(users.entities.is_well_formed() && members == expected, "wrong uses of a policy", arn);
    expect(users.use.attachments == count.attachments && users.use.boundaries == count.boundaries,
           "wrong count of uses",
           arn);
  }

  void check_policies(const AccountState& state) {
    for (const auto& entry : state.tables.of<ByName<ManagedPolicy>>()) {
      const ManagedPolicy& policy = *entry.value;
      expect(policy.version(policy.default_version) != nullptr, "no default version", policy.id);
    }
  }

  template <class Index>
  struct CountMember {
    std::size_t count = 0;
  };

  const Snapshot& snapshot_;
  std::vector<std::string> defects_;
  std::size_t with_id_ = 0;
  Members<CountMember, Indexes> expected_;  // keys seen and not yet compared with a table's size
};

std::vector<std::string> verify_invariants(const Snapshot& snapshot) {
  return InvariantChecker(snapshot).run();
}

}  // namespace signet::identity
