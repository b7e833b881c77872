#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/secret.h"
#include "identity/document.h"
#include "mfa/device.h"
#include "model/caller.h"

namespace signet::identity {

// The entities as plain values. A handler copies one out of the snapshot, changes the copy and puts
// it back through a transaction. Unique ids (AIDA..., AROA...) never change and are never used
// again; names and paths may change. Records on disk: docs/formats/records.md.

using model::Tag;
using policy::PrincipalPin;

// Shared so that entities can be copied; the bytes exist once and are wiped with the last owner.
using SharedSecret = std::shared_ptr<const Secret>;

[[nodiscard]] inline SharedSecret make_shared_secret(std::string bytes) {
  return std::make_shared<const Secret>(std::move(bytes));
}

// Password of an IAM user or of root.
struct LoginProfile {
  std::string password_hash;                 // PHC string (argon2id)
  std::vector<std::string> previous_hashes;  // newest first, for PasswordReusePrevention
  Instant created;
  Instant changed;
  bool is_reset_required = false;
};

// UpdateAccountPasswordPolicy (aws-wire 4.12). 0 means "not set" for the three optional numbers.
struct PasswordPolicy {
  std::uint32_t minimum_length = 6;
  bool requires_symbols = false;
  bool requires_numbers = false;
  bool requires_uppercase = false;
  bool requires_lowercase = false;
  bool allows_users_to_change = false;
  std::uint32_t max_age_days = 0;
  std::uint32_t reuse_prevention = 0;
  std::optional<bool> hard_expiry;

  bool operator==(const PasswordPolicy&) const = default;
};

// An account and its root user. Root's access keys and MFA devices are AccessKey and MfaDevice
// records whose owner id is the account id.
struct Account {
  std::string id;                 // 12 digits
  std::string name;               // for people; may be empty
  std::string email;              // root's sign-in name; may be empty
  std::string alias;              // empty: none
  std::string canonical_user_id;  // 64 hexadecimal digits (S3)
  Instant created;
  std::optional<LoginProfile> root_login;
  std::optional<PasswordPolicy> password_policy;
  std::uint32_t global_endpoint_token_version = 1;  // SetSecurityTokenServicePreferences
  Instant root_sessions_valid_after;  // root's sessions issued before this are refused
  std::vector<Tag> settings;          // switches of ours by name, sorted
};

struct InlinePolicy {
  std::string name;
  DocumentRef document;
};

struct User {
  std::string account;
  std::string id;  // AIDA...
  std::string name;
  std::string path = "/";
  Instant created;
  std::vector<Tag> tags;                       // in the order the owner of the entity keeps them
  std::vector<InlinePolicy> inline_policies;   // sorted by name
  std::vector<std::string> attached_policies;  // policy ARNs, sorted
  std::string boundary;                        // policy ARN; empty: none
  std::vector<std::string> group_ids;          // AGPA..., sorted
  std::optional<LoginProfile> login;
  Instant sessions_valid_after;  // sessions issued before this are refused
};

struct Group {
  std::string account;
  std::string id;  // AGPA...
  std::string name;
  std::string path = "/";
  Instant created;
  std::vector<InlinePolicy> inline_policies;
  std::vector<std::string> attached_policies;
};

struct Role {
  std::string account;
  std::string id;  // AROA...
  std::string name;
  std::string path = "/";
  Instant created;
  std::string description;
  std::uint32_t max_session_seconds = 3600;
  DocumentRef trust_policy;
  std::vector<PrincipalPin> trust_pins;
  std::vector<Tag> tags;
  std::vector<InlinePolicy> inline_policies;
  std::vector<std::string> attached_policies;
  std::string boundary;
  Instant sessions_valid_after;
};

struct PolicyVersion {
  std::uint32_t number = 1;  // shown as v<number>; never used again
  DocumentRef document;
  Instant created;
};

// A customer managed policy, or one of AWS's from the catalogue (account "aws").
struct ManagedPolicy {
  std::string account;
  std::string id;  // ANPA...
  std::string name;
  std::string path = "/";
  std::string description;
  Instant created;
  Instant updated;
  std::uint32_t default_version = 1;
  std::uint32_t next_version = 2;       // the number the next version gets
  std::vector<PolicyVersion> versions;  // ascending
  std::vector<Tag> tags;
  bool is_attachable = true;

  // Null if there is none.
  [[nodiscard]] const PolicyVersion* version(std::uint32_t number) const;
  // The document in force; never null for a policy in a snapshot.
  [[nodiscard]] const DocumentRef& default_document() const;
};

// On disk: do not renumber.
enum class KeyStatus : std::uint8_t { Active = 1, Inactive = 2 };

struct AccessKey {
  std::string id;  // AKIA..., or what a bootstrap file gave
  std::string account;
  std::string user_id;  // empty: the account's root user
  SharedSecret secret;
  KeyStatus status = KeyStatus::Active;
  Instant created;

  [[nodiscard]] bool is_root() const { return user_id.empty(); }

  // What owns the key in relations: the user id, or the account id for root.
  [[nodiscard]] const std::string& owner_id() const { return is_root() ? account : user_id; }
};

// A virtual MFA device, assigned or not.
struct MfaDevice {
  std::string account;
  std::string name;
  std::string path = "/";
  SharedSecret seed;  // raw bytes
  Instant created;
  std::vector<Tag> tags;
  bool is_assigned = false;
  std::string user_id;     // of the user it is assigned to; empty and assigned: root
  Instant enabled;         // when it was assigned
  mfa::DeviceState state;  // drift, and the last step used: a code works once
  // Stored under its name although it has a path, as earlier builds did. Known from where the
  // record lies, not a part of it.
  bool is_keyed_by_name = false;

  // arn:aws:iam::ACCOUNT:mfa/PATH/NAME
  [[nodiscard]] std::string serial() const;

  // What tells it from the other devices of its account: path and name in lower case, such as
  // "team/phone"; the name alone without a path.
  [[nodiscard]] std::string key() const;

  [[nodiscard]] const std::string& owner_id() const { return user_id.empty() ? account : user_id; }
};

struct InstanceProfile {
  std::string account;
  std::string id;  // AIPA...
  std::string name;
  std::string path = "/";
  Instant created;
  std::string role_id;  // empty: none
  std::vector<Tag> tags;
};

struct Bucket {
  std::string name;
  std::string account;  // the owner
  std::string region;
  Instant created;
  DocumentRef policy;  // null: none
  std::vector<PrincipalPin> policy_pins;
  std::vector<Tag> settings;  // by name, sorted
};

// When an access key, a role or a password was last used. Kept apart from the entity: written at
// most once in a while, and losing one to a crash is harmless.
struct LastUsed {
  std::string account;
  std::string id;  // access key id, role id, or user id (password; the account id for root's)
  Instant at;
  std::string region;
  std::string service;
};

// On disk: do not renumber.
enum class TicketKind : std::uint8_t {
  SigninToken = 1,     // from getSigninToken, spent by login
  ConsoleSession = 2,  // behind a session cookie
  SpentToken = 3,      // something that works once and was used
};

// A short-lived record that is found by the hash of what its holder presents. What `data` means is
// the business of the room that put it; it is encrypted at rest.
struct Ticket {
  TicketKind kind = TicketKind::SigninToken;
  std::string id_hash;  // raw digest bytes; never the token itself
  std::string account;
  Instant expires;
  SharedSecret data;
  // Whose tickets are counted together (Snapshot::ticket_count), such as an access key id; empty:
  // this one is not counted.
  std::string holder = std::string();
};

// A key of the ring that seals session tokens. Ids are given once.
struct SealingKey {
  std::uint32_t id = 0;
  SharedSecret bytes;  // 32 bytes
  Instant not_before;  // seals from here on
  Instant not_after;   // neither seals nor opens from here on
};

// One SCP or RCP. Shown in traces by its name, and in AccessDenied if that is an ARN.
struct OrgPolicy {
  std::string name;
  DocumentRef document;
};

// The policies of one node of the organization. A level without policies allows nothing.
struct OrgLevel {
  std::vector<OrgPolicy> policies;
};

// What an organization lays upon one account. An account without this record is in no
// organization.
struct OrgPolicies {
  std::string account;
  // Policies of the organization never reach its management account (policy-semantics 7.1).
  bool is_management = false;
  std::string organization_id;  // o-...; empty: the keys aws:...OrgID are absent
  std::string path;  // o-.../r-.../ou-.../, ending in '/'; empty: aws:...OrgPaths are absent
  std::vector<OrgLevel> scps;  // root first, the account last; empty: no SCPs
  std::vector<OrgLevel> rcps;
};

using AccountPtr = std::shared_ptr<const Account>;
using UserPtr = std::shared_ptr<const User>;
using GroupPtr = std::shared_ptr<const Group>;
using RolePtr = std::shared_ptr<const Role>;
using ManagedPolicyPtr = std::shared_ptr<const ManagedPolicy>;
using AccessKeyPtr = std::shared_ptr<const AccessKey>;
using MfaDevicePtr = std::shared_ptr<const MfaDevice>;
using InstanceProfilePtr = std::shared_ptr<const InstanceProfile>;
using BucketPtr = std::shared_ptr<const Bucket>;
using LastUsedPtr = std::shared_ptr<const LastUsed>;
using TicketPtr = std::shared_ptr<const Ticket>;
using SealingKeyPtr = std::shared_ptr<const SealingKey>;
using OrgPoliciesPtr = std::shared_ptr<const OrgPolicies>;

[[nodiscard]] std::string arn_of(const User& user);
[[nodiscard]] std::string arn_of(const Group& group);
[[nodiscard]] std::string arn_of(const Role& role);
[[nodiscard]] std::string arn_of(const ManagedPolicy& policy);
[[nodiscard]] std::string arn_of(const InstanceProfile& profile);

// What names of users, groups, roles, policies, profiles and devices are compared by: ASCII lower
// case.
[[nodiscard]] std::string fold_name(std::string_view name);

}  // namespace signet::identity
