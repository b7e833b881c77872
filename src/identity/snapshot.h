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
  const StoredDocument* document =
      nullptr;                   // null: an attached policy that is gone; decide nothing without it
  std::string id;                // policy ARN, or the inline policy's name
  const Group* group = nullptr;  // for the two group sources
};

// All identity state at one revision. Immutable once published, shared by all threads; copying is
// O(1). Pointers and references returned by the finders live as long as the snapshot; null means
// that there is no such thing. Names are found whatever their ASCII case (aws-wire 4.1) unless
// Kind<T>::kHasExactName; ARNs, with their paths, ids, aliases and bucket names are exact.
class Snapshot {
 public:
  // `catalogue` answers for arn:aws:iam::aws:policy/...; null: no AWS-managed policies. Must
  // outlive the snapshot.
  explicit Snapshot(const PolicyCatalogue* catalogue = nullptr) : catalogue_(catalogue) {}

  // Of the store, when this snapshot became the truth; never that of another state. 0: a state that
  // no commit has made the truth yet (a write sees those of the same batch before it), of which
  // nothing may be remembered.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  // By what identifies one: the unique id; of buckets the name, of MFA devices the serial number,
  // of organization policies and credential reports their account, of signing certificates, tickets
  // and sealing keys see there.
  // Tickets are found whether expired or not: compare `expires` with the clock.
  template <class T>
  [[nodiscard]] const T* find(typename Kind<T>::Id id) const;

  // By name within an account; MFA devices by MfaDevice::key().
  template <HasArn T>
  [[nodiscard]] const T* find(std::string_view account, std::string_view name) const;

  // AWS's managed policies are found through the catalogue.
  template <HasArn T>
  [[nodiscard]] const T* find_by_arn(std::string_view arn) const;

  // All of a kind in an account, in the order of names (access keys: owner, then id); an empty
  // table for an account that does not exist.
  template <InAccount T>
  [[nodiscard]] const Table<T>& table(std::string_view account) const {
    return index<AccountIndex<T>>(account);
  }

  // The same for any index within accounts.
  template <class Index>
  [[nodiscard]] const TableOf<Index>& index(std::string_view account) const {
    return state_or_empty(account).tables.template of<Index>();
  }

  // The sum of Kind<T>::parts() in an account.
  template <class T>
  [[nodiscard]] std::size_t parts(std::string_view account) const {
    return static_cast<const PartsMember<T>&>(state_or_empty(account).parts).parts;
  }

  // Accounts.
  [[nodiscard]] const Account* find_account_by_alias(std::string_view alias) const;
  [[nodiscard]] const Account* find_account_by_canonical_id(
      std::string_view canonical_user_id) const;
  [[nodiscard]] std::vector<const Account*> accounts() const;
  // Null if no account issues under that id.
  [[nodiscard]] const WebIdentityIssuer* find_issuer(std::string_view id) const;
  // In the order of their accounts.
  [[nodiscard]] std::vector<const WebIdentityIssuer*> issuers() const;

  [[nodiscard]] std::size_t account_count() const { return accounts_.size(); }

  // Users and groups.
  // In the order of group names.
  [[nodiscard]] std::vector<const Group*> groups_of(const User& user) const;
  // In the order of folded user names, after `after` (a user name; empty: from the start), at most
  // `limit`.
  [[nodiscard]] std::vector<const User*> members_of(const Group& group,
                                                    std::string_view after = {},
                                                    std::size_t limit = SIZE_MAX) const;

  // Roles.
  // In the order of profile names.
  [[nodiscard]] std::vector<const InstanceProfile*> instance_profiles_of(const Role& role) const;

  // Managed policies.
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

  // Access keys, of users and of root, active or not. `owner_id`: the user's id, or the account id
  // for root.
  [[nodiscard]] std::vector<const AccessKey*> access_keys_of(std::string_view account,
                                                             std::string_view owner_id) const;

  // MFA devices.
  [[nodiscard]] std::vector<const MfaDevice*> mfa_devices_of(std::string_view account,
                                                             std::string_view owner_id) const;

  // SSH public keys.
  [[nodiscard]] std::vector<const SshPublicKey*> ssh_public_keys_of(std::string_view account,
                                                                    std::string_view user_id) const;

  // Delegation requests.
  // At most `limit` whose state ended at `now` or before, the oldest first.
  [[nodiscard]] std::vector<const DelegationRequest*> ended_delegations(Instant now,
                                                                        std::size_t limit) const;
  // Those that identities of an account took up: of one of them (its ARN), or of all (empty).
  [[nodiscard]] std::vector<const DelegationRequest*> delegations_of(std::string_view account,
                                                                     std::string_view owner) const;

  // At most `limit` notifications that were made before `time`, the oldest first.
  [[nodiscard]] std::vector<const Notification*> notifications_before(Instant time,
                                                                      std::size_t limit) const;
  // Signing certificates, of users and of root, active or not.
  [[nodiscard]] std::vector<const SigningCertificate*> signing_certificates_of(
      std::string_view account, std::string_view owner_id) const;

  // Service-specific credentials.
  [[nodiscard]] std::vector<const ServiceCredential*> service_credentials_of(
      std::string_view account, std::string_view user_id) const;
  // The one with that user name or alias at a service, whatever its case.
  [[nodiscard]] const ServiceCredential* find_service_credential(std::string_view account,
                                                                 std::string_view service,
                                                                 std::string_view name) const;

  // Credential reports that were asked for and not made yet.
  [[nodiscard]] std::vector<const CredentialReport*> pending_credential_reports() const;

  // Tickets.
  // At most `limit` tickets that expired before `now`, the oldest first: what a sweeper erases.
  [[nodiscard]] std::vector<const Ticket*> expired_tickets(Instant now, std::size_t limit) const;
  // At most `limit` tickets of a holder, those that end soonest first.
  [[nodiscard]] std::vector<const Ticket*> tickets_of(std::string_view account,
                                                      std::string_view holder,
                                                      std::size_t limit) const;
  // Sign-in sessions of an owner (SignInSession::owner), or of a whole account (empty), expired and
  // revoked ones included, those issued first before others within an owner.
  [[nodiscard]] std::vector<const Ticket*> sessions_of(std::string_view account,
                                                       std::string_view owner) const;
  // Sign-in sessions, of any account, that came from the one of that id.
  [[nodiscard]] std::vector<const Ticket*> sessions_from(std::string_view origin) const;
  // By the id of a sign-in session; null: the account has none of that id.
  [[nodiscard]] const Ticket* find_session(std::string_view account, std::string_view id) const;
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
  PersistentMap<IdKey, EntityRef> by_id_;  // all kinds that have a unique id
  Tables<Filter<detail::IsGlobal, Indexes>> tables_;
  Members<TallyMember, Filter<HasTallies, Kinds>> tallies_;
};

}  // namespace signet::identity
