#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/catalogue.h"
#include "identity/entities.h"
#include "identity/tables.h"

namespace signet::identity {

// What GetAccountSummary and the quotas count in one account.
struct AccountCounts {
  std::size_t users = 0;
  std::size_t groups = 0;
  std::size_t roles = 0;
  std::size_t policies = 0;
  std::size_t policy_versions = 0;
  std::size_t instance_profiles = 0;
  std::size_t mfa_devices = 0;         // virtual devices, assigned or not
  std::size_t mfa_devices_in_use = 0;  // assigned ones
  std::size_t buckets = 0;
};

// An entity that a policy is attached to, or that has it as its boundary.
struct PolicyEntity {
  PrincipalType type = PrincipalType::User;
  const User* user = nullptr;  // exactly one of the three is set
  const Group* group = nullptr;
  const Role* role = nullptr;
  bool is_boundary = false;
};

// One policy that applies to a principal through itself or a group.
struct AppliedPolicy {
  enum class Source : std::uint8_t {
    UserInline,
    UserAttached,
    GroupInline,
    GroupAttached,
    RoleInline,
    RoleAttached
  };
  Source source = Source::UserInline;
  const Document* document =
      nullptr;                   // null: an attached policy that is gone; decide nothing without it
  std::string id;                // policy ARN, or the inline policy's name
  const Group* group = nullptr;  // for the two group sources
};

// All identity state at one revision. Immutable once published, shared by all threads; copying is
// O(1). Pointers and references returned by the finders live as long as the snapshot; null means
// that there is no such thing. Names are found whatever their ASCII case (aws-wire 4.1); ARNs, ids,
// aliases and bucket names are exact.
class Snapshot {
 public:
  // `catalogue` answers for arn:aws:iam::aws:policy/...; null: no AWS-managed policies. Must
  // outlive the snapshot.
  explicit Snapshot(const PolicyCatalogue* catalogue = nullptr) : catalogue_(catalogue) {}

  // Of the store, when this snapshot became the truth; never that of another state. 0: a state that
  // no commit has made the truth yet (a write sees those of the same batch before it), of which
  // nothing may be remembered.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  // Accounts.
  [[nodiscard]] const Account* find_account(std::string_view id) const;
  [[nodiscard]] const Account* find_account_by_alias(std::string_view alias) const;
  [[nodiscard]] const Account* find_account_by_canonical_id(
      std::string_view canonical_user_id) const;
  [[nodiscard]] std::vector<const Account*> accounts() const;

  [[nodiscard]] std::size_t account_count() const { return accounts_.size(); }

  // What an organization lays upon an account; null if it is in none.
  [[nodiscard]] const OrgPolicies* find_org_policies(std::string_view account) const;

  // The tables of an account, in name order; empty tables for an account that does not exist.
  [[nodiscard]] const UserTable& users(std::string_view account) const;
  [[nodiscard]] const GroupTable& groups(std::string_view account) const;
  [[nodiscard]] const RoleTable& roles(std::string_view account) const;
  [[nodiscard]] const PolicyTable& policies(std::string_view account) const;
  [[nodiscard]] const InstanceProfileTable& instance_profiles(std::string_view account) const;
  [[nodiscard]] const MfaDeviceTable& mfa_devices(std::string_view account) const;
  [[nodiscard]] const BucketTable& buckets(std::string_view account) const;
  // By owner, then key id.
  [[nodiscard]] const AccessKeyTable& access_keys(std::string_view account) const;
  [[nodiscard]] AccountCounts counts(std::string_view account) const;

  // Users.
  [[nodiscard]] const User* find_user(std::string_view account, std::string_view name) const;
  [[nodiscard]] const User* find_user_by_id(std::string_view id) const;
  [[nodiscard]] const User* find_user_by_arn(std::string_view arn) const;
  // In the order of group names.
  [[nodiscard]] std::vector<const Group*> groups_of(const User& user) const;

  // Groups.
  [[nodiscard]] const Group* find_group(std::string_view account, std::string_view name) const;
  [[nodiscard]] const Group* find_group_by_id(std::string_view id) const;
  [[nodiscard]] const Group* find_group_by_arn(std::string_view arn) const;
  // In the order of folded user names, after `after` (a user name; empty: from the start), at most
  // `limit`.
  [[nodiscard]] std::vector<const User*> members_of(const Group& group,
                                                    std::string_view after = {},
                                                    std::size_t limit = SIZE_MAX) const;

  // Roles. Role ARNs are compared exactly, path and case included.
  [[nodiscard]] const Role* find_role(std::string_view account, std::string_view name) const;
  [[nodiscard]] const Role* find_role_by_id(std::string_view id) const;
  [[nodiscard]] const Role* find_role_by_arn(std::string_view arn) const;
  // In the order of profile names.
  [[nodiscard]] std::vector<const InstanceProfile*> instance_profiles_of(const Role& role) const;

  // Managed policies; AWS's own are found through the catalogue.
  [[nodiscard]] const ManagedPolicy* find_policy(std::string_view arn) const;
  [[nodiscard]] const ManagedPolicy* find_policy_by_name(std::string_view account,
                                                         std::string_view name) const;

  [[nodiscard]] const PolicyCatalogue* catalogue() const { return catalogue_; }

  // How an account uses a policy, its own or AWS's.
  [[nodiscard]] PolicyUse policy_use(std::string_view account, std::string_view arn) const;
  // Every use in an account, users first, then groups, then roles, each in name order; boundaries
  // after attachments.
  [[nodiscard]] std::vector<PolicyEntity> entities_for_policy(std::string_view account,
                                                              std::string_view arn) const;
  // What identity policies a principal has, in evaluation order. Boundaries are not among them.
  [[nodiscard]] std::vector<AppliedPolicy> policies_of(const User& user) const;
  [[nodiscard]] std::vector<AppliedPolicy> policies_of(const Role& role) const;

  // Instance profiles.
  [[nodiscard]] const InstanceProfile* find_instance_profile(std::string_view account,
                                                             std::string_view name) const;

  // Access keys, of users and of root, active or not. `owner_id`: the user's id, or the account id
  // for root.
  [[nodiscard]] const AccessKey* find_access_key(std::string_view id) const;
  [[nodiscard]] std::vector<const AccessKey*> access_keys_of(std::string_view account,
                                                             std::string_view owner_id) const;

  // MFA devices.
  [[nodiscard]] const MfaDevice* find_mfa_device(std::string_view serial) const;
  // By MfaDevice::key(), in any case of letters.
  [[nodiscard]] const MfaDevice* find_mfa_device_by_key(std::string_view account,
                                                        std::string_view key) const;
  [[nodiscard]] std::vector<const MfaDevice*> mfa_devices_of(std::string_view account,
                                                             std::string_view owner_id) const;

  // Buckets; names are global.
  [[nodiscard]] const Bucket* find_bucket(std::string_view name) const;

  // Null: never used.
  [[nodiscard]] const LastUsed* find_last_used(std::string_view id) const;

  // Tickets, whether expired or not: compare `expires` with the clock.
  [[nodiscard]] const Ticket* find_ticket(TicketKind kind, std::string_view id_hash) const;
  // At most `limit` tickets that expired before `now`, the oldest first: what a sweeper erases.
  [[nodiscard]] std::vector<const Ticket*> expired_tickets(Instant now, std::size_t limit) const;
  // Tickets that have a holder: of an account, or of one holder in it.
  [[nodiscard]] std::size_t ticket_count(std::string_view account) const;
  [[nodiscard]] std::size_t ticket_count(std::string_view account, std::string_view holder) const;

  // Ascending by id.
  [[nodiscard]] std::vector<const SealingKey*> sealing_keys() const;

 private:
  friend class SnapshotEdit;
  friend class SnapshotBuilder;
  friend class DirectoryWriter;
  friend class Transaction;
  friend class InvariantChecker;

  [[nodiscard]] const AccountState* state(std::string_view account) const;
  [[nodiscard]] const AccountState& state_or_empty(std::string_view account) const;
  [[nodiscard]] const EntityRef* find_entity(std::string_view id) const;

  std::uint64_t revision_ = 0;
  const PolicyCatalogue* catalogue_ = nullptr;
  PersistentMap<std::string, CowPtr<AccountState>> accounts_;
  PersistentMap<IdKey, EntityRef> by_id_;
  PersistentMap<IdKey, AccessKeyPtr> access_keys_;
  PersistentMap<std::string, std::string> account_by_alias_;
  PersistentMap<std::string, std::string> account_by_canonical_id_;
  BucketTable buckets_;
  PersistentMap<IdKey, LastUsedPtr> last_used_;
  TicketTable tickets_;                                    // kind digit, id hash
  TicketTable tickets_by_expiry_;                          // big-endian expiry, kind digit, id hash
  PersistentMap<std::string, std::size_t> ticket_counts_;  // ticket_count_keys(); never 0
  PersistentMap<std::uint32_t, SealingKeyPtr> sealing_keys_;
};

}  // namespace signet::identity
