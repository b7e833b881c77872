#include "identity/invariants.h"

#include <map>
#include <set>

#include "base/strings.h"
#include "identity/entity_rules.h"
#include "identity/relations.h"

namespace signet::identity {

// Looks at one snapshot and collects what is wrong.
class InvariantChecker {
 public:
  explicit InvariantChecker(const Snapshot& snapshot) : snapshot_(snapshot) {}

  std::vector<std::string> run() {
    check_trees();
    for (const auto& entry : snapshot_.accounts_) {
      check_account(entry.key, *entry.value);
    }
    check_totals();
    check_tickets();
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

  void check_trees() {
    expect(snapshot_.accounts_.is_well_formed(), "malformed tree", "accounts");
    expect(snapshot_.by_id_.is_well_formed(), "malformed tree", "ids");
    expect(snapshot_.access_keys_.is_well_formed(), "malformed tree", "access keys");
    expect(snapshot_.account_by_alias_.is_well_formed(), "malformed tree", "aliases");
    expect(snapshot_.account_by_canonical_id_.is_well_formed(), "malformed tree", "canonical ids");
    expect(snapshot_.buckets_.is_well_formed(), "malformed tree", "buckets");
    expect(snapshot_.last_used_.is_well_formed(), "malformed tree", "last used");
    expect(snapshot_.tickets_.is_well_formed(), "malformed tree", "tickets");
    expect(snapshot_.tickets_by_expiry_.is_well_formed(), "malformed tree", "tickets by expiry");
    expect(snapshot_.sealing_keys_.is_well_formed(), "malformed tree", "sealing keys");
  }

  void check_account_trees(const AccountState& state) {
    const bool is_fine =
        state.users.is_well_formed() && state.groups.is_well_formed() &&
        state.roles.is_well_formed() && state.policies.is_well_formed() &&
        state.instance_profiles.is_well_formed() && state.mfa_devices.is_well_formed() &&
        state.group_members.is_well_formed() && state.policy_users.is_well_formed() &&
        state.keys_by_owner.is_well_formed() && state.mfa_by_owner.is_well_formed() &&
        state.profiles_by_role.is_well_formed() && state.buckets.is_well_formed();
    expect(is_fine, "malformed tree", state.account->id);
  }

  void check_account(const std::string& id, const AccountState& state) {
    if (state.account == nullptr || state.account->id != id) {
      defect("account without record", id);
      return;
    }
    check_account_trees(state);
    expect(state.org == nullptr || state.org->account == id, "misplaced organization policies", id);
    check_names(*state.account);
    check_table(id, state.users);
    check_table(id, state.groups);
    check_table(id, state.roles);
    check_table(id, state.policies);
    check_table(id, state.instance_profiles);
    check_members(state);
    check_policy_use(state);
    check_policies(state);
    check_profiles(state);
    check_devices(id, state);
    check_keys(id, state);
    check_buckets(id, state);
  }

  void check_names(const Account& account) {
    aliases_ += account.alias.empty() ? 0 : 1;
    canonical_ids_ += account.canonical_user_id.empty() ? 0 : 1;
    expect(account.alias.empty() || snapshot_.find_account_by_alias(account.alias) == &account,
           "alias does not lead to its account",
           account.id);
    expect(account.canonical_user_id.empty() ||
               snapshot_.find_account_by_canonical_id(account.canonical_user_id) == &account,
           "canonical id does not lead to its account",
           account.id);
  }

  // Names, ids and references of one kind of entity.
  template <class Ptr>
  void check_table(const std::string& account, const NameTable<Ptr>& table) {
    for (const auto& entry : table) {
      const auto& entity = *entry.value;
      expect(entry.key == fold_name(entity.name), "listed under another name", entity.id);
      expect(entity.account == account, "listed in another account", entity.id);
      const EntityRef* by_id = snapshot_.find_entity(entity.id);
      const Ptr* same = by_id == nullptr ? nullptr : std::get_if<Ptr>(by_id);
      expect(same != nullptr && *same == entry.value, "not found by its id", entity.id);
      if constexpr (requires { check_references(snapshot_, entity); }) {
        const std::string missing = check_references(snapshot_, entity);
        expect(missing.empty(), "dangling reference", missing);
      }
      entities_ += 1;
    }
  }

  void check_members(const AccountState& state) {
    std::size_t expected = 0;
    for (const auto& entry : state.users) {
      for (const std::string& group : entry.value->group_ids) {
        const UserPtr* member = state.group_members.find(relation_key(group, entry.key));
        expect(member != nullptr && *member == entry.value,
               "member is not listed in its group",
               entry.value->id);
        expected += 1;
      }
    }
    expect(state.group_members.size() == expected, "stray group members", state.account->id);
  }

  void check_policy_use(const AccountState& state) {
    std::map<std::string, std::set<std::string>> expected;
    const auto add = [&expected](const auto& table) {
      for (const auto& entry : table) {
        for (PolicyUseKey& use : policy_uses(*entry.value)) {
          expected[std::move(use.arn)].insert(std::move(use.member));
        }
      }
    };
    add(state.users);
    add(state.groups);
    add(state.roles);
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
                             const std::set<std::string>& expected,
                             const std::string& arn) {
    std::set<std::string> members;
    PolicyUse count;
    for (const auto& entry : users.entities) {
      members.insert(entry.key);
      (is_boundary_use(entry.key) ? count.boundaries : count.attachments) += 1;
    }
    expect(users.entities.is_well_formed() && members == expected, "wrong uses of a policy", arn);
    expect(users.use.attachments == count.attachments && users.use.boundaries == count.boundaries,
           "wrong count of uses",
           arn);
  }

  void check_policies(const AccountState& state) {
    std::size_t versions = 0;
    for (const auto& entry : state.policies) {
      const ManagedPolicy& policy = *entry.value;
      versions += policy.versions.size();
      expect(policy.version(policy.default_version) != nullptr, "no default version", policy.id);
      expect(snapshot_.find_policy(arn_of(policy)) == &policy, "not found by its ARN", policy.id);
    }
    expect(versions == state.policy_versions, "wrong count of policy versions", state.account->id);
    for (const auto& entry : state.roles) {
      expect(snapshot_.find_role_by_arn(arn_of(*entry.value)) == entry.value.get(),
             "not found by its ARN",
             entry.value->id);
    }
  }

  void check_profiles(const AccountState& state) {
    std::size_t expected = 0;
    for (const auto& entry : state.instance_profiles) {
      const InstanceProfile& profile = *entry.value;
      if (!profile.role_id.empty()) {
        const std::string* name =
            state.profiles_by_role.find(relation_key(profile.role_id, entry.key));
        expect(name != nullptr && *name == profile.name,
               "profile is not listed with its role",
               profile.id);
        expected += 1;
      }
    }
    expect(state.profiles_by_role.size() == expected, "stray instance profiles", state.account->id);
  }

  void check_devices(const std::string& account, const AccountState& state) {
    std::size_t assigned = 0;
    for (const auto& entry : state.mfa_devices) {
      const MfaDevice& device = *entry.value;
      expect(entry.key == device.key() && device.account == account,
             "misplaced device",
             device.serial());
      const std::string missing = check_references(snapshot_, device);
      expect(missing.empty(), "dangling reference", missing);
      if (device.is_assigned) {
        const MfaDevicePtr* listed =
            state.mfa_by_owner.find(relation_key(device.owner_id(), entry.key));
        expect(listed != nullptr && *listed == entry.value,
               "device is not listed with its owner",
               device.serial());
        assigned += 1;
      }
    }
    expect(state.mfa_by_owner.size() == assigned, "stray devices", account);
  }

  void check_keys(const std::string& account, const AccountState& state) {
    for (const auto& entry : state.keys_by_owner) {
      const AccessKey& key = *entry.value;
      expect(entry.key == relation_key(key.owner_id(), key.id) && key.account == account,
             "misplaced access key",
             key.id);
      expect(
          snapshot_.find_access_key(key.id) == &key, "access key is not found by its id", key.id);
      const std::string missing = check_references(snapshot_, key);
      expect(missing.empty(), "dangling reference", missing);
      keys_ += 1;
    }
  }

  void check_buckets(const std::string& account, const AccountState& state) {
    for (const auto& entry : state.buckets) {
      expect(entry.key == entry.value->name && entry.value->account == account,
             "misplaced bucket",
             entry.key);
      expect(snapshot_.find_bucket(entry.key) == entry.value.get(),
             "bucket is not found by its name",
             entry.key);
      buckets_ += 1;
    }
  }

  void check_totals() {
    expect(
        snapshot_.by_id_.size() == entities_, "stray ids", std::to_string(snapshot_.by_id_.size()));
    expect(snapshot_.access_keys_.size() == keys_,
           "stray access keys",
           std::to_string(snapshot_.access_keys_.size()));
    expect(snapshot_.buckets_.size() == buckets_,
           "stray buckets",
           std::to_string(snapshot_.buckets_.size()));
    expect(snapshot_.account_by_alias_.size() == aliases_, "stray aliases", "all accounts");
    expect(snapshot_.account_by_canonical_id_.size() == canonical_ids_,
           "stray canonical ids",
           "all accounts");
    for (const auto& entry : snapshot_.last_used_) {
      expect(entry.key.text == entry.value->id, "misplaced last use", entry.value->id);
    }
  }

  void check_tickets() {
    expect(snapshot_.tickets_.size() == snapshot_.tickets_by_expiry_.size(),
           "tickets and their expiries differ",
           "");
    for (const auto& entry : snapshot_.tickets_) {
      const TicketPtr* listed = snapshot_.tickets_by_expiry_.find(ticket_expiry_key(*entry.value));
      expect(listed != nullptr && *listed == entry.value, "ticket is not listed by its expiry", "");
    }
    check_ticket_counts();
  }

  void check_ticket_counts() {
    std::map<std::string, std::size_t> counts;
    for (const auto& entry : snapshot_.tickets_) {
      if (!entry.value->holder.empty()) {
        for (const std::string& key :
             ticket_count_keys(entry.value->account, entry.value->holder)) {
          counts[key] += 1;
        }
      }
    }
    expect(counts.size() == snapshot_.ticket_counts_.size(), "stray counts of tickets", "");
    for (const auto& [key, count] : counts) {
      const std::size_t* found = snapshot_.ticket_counts_.find(key);
      expect(found != nullptr && *found == count, "wrong count of tickets", key);
    }
  }

  const Snapshot& snapshot_;
  std::vector<std::string> defects_;
  std::size_t entities_ = 0;
  std::size_t keys_ = 0;
  std::size_t buckets_ = 0;
  std::size_t aliases_ = 0;
  std::size_t canonical_ids_ = 0;
};

std::vector<std::string> verify_invariants(const Snapshot& snapshot) {
  return InvariantChecker(snapshot).run();
}

}  // namespace signet::identity
