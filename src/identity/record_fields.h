#pragma once

#include "identity/entities.h"

namespace signet::identity {

// On disk: do not renumber (docs/formats/records.md).
enum class RecordKind : std::uint8_t {
  Account = 1,
  User = 2,
  Group = 3,
  Role = 4,
  ManagedPolicy = 5,
  AccessKey = 6,
  MfaDevice = 7,
  InstanceProfile = 8,
  Bucket = 9,
  LastUsed = 10,
  Ticket = 11,
  SealingKey = 12,
  OrgPolicies = 13,
};

// What each record and message is made of, once for writing and reading. `ar` is a RecordWriter or
// a RecordReader; numbers are on disk, ascending, and never used again.
template <class T>
struct Fields;

template <>
struct Fields<Tag> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.key);
    ar.text(2, v.value);
  }
};

template <>
struct Fields<PrincipalPin> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.arn);
    ar.text(2, v.id);
  }
};

template <>
struct Fields<InlinePolicy> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.name);
    ar.document(2, v.document);
  }
};

template <>
struct Fields<PolicyVersion> {
  static void describe(auto& ar, auto& v) {
    ar.number(1, v.number);
    ar.document(2, v.document);
    ar.instant(3, v.created);
  }
};

template <>
struct Fields<LoginProfile> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.password_hash);
    ar.texts(2, v.previous_hashes);
    ar.instant(3, v.created);
    ar.instant(4, v.changed);
    ar.flag(5, v.is_reset_required);
  }
};

template <>
struct Fields<PasswordPolicy> {
  static void describe(auto& ar, auto& v) {
    ar.number(1, v.minimum_length);
    ar.flag(2, v.requires_symbols);
    ar.flag(3, v.requires_numbers);
    ar.flag(4, v.requires_uppercase);
    ar.flag(5, v.requires_lowercase);
    ar.flag(6, v.allows_users_to_change);
    ar.number(7, v.max_age_days);
    ar.number(8, v.reuse_prevention);
    ar.maybe_flag(9, v.hard_expiry);
  }
};

template <>
struct Fields<Account> {
  static constexpr RecordKind kKind = RecordKind::Account;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.id);
    ar.text(2, v.name);
    ar.text(3, v.email);
    ar.text(4, v.alias);
    ar.text(5, v.canonical_user_id);
    ar.instant(6, v.created);
    ar.maybe(7, v.root_login);
    ar.maybe(8, v.password_policy);
    ar.number(9, v.global_endpoint_token_version);
    ar.instant(10, v.root_sessions_valid_after);
    ar.list(11, v.settings);
  }
};

template <>
struct Fields<User> {
  static constexpr RecordKind kKind = RecordKind::User;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.instant(5, v.created);
    ar.list(6, v.tags);
    ar.list(7, v.inline_policies);
    ar.texts(8, v.attached_policies);
    ar.text(9, v.boundary);
    ar.texts(10, v.group_ids);
    ar.maybe(11, v.login);
    ar.instant(12, v.sessions_valid_after);
  }
};

template <>
struct Fields<Group> {
  static constexpr RecordKind kKind = RecordKind::Group;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.instant(5, v.created);
    ar.list(6, v.inline_policies);
    ar.texts(7, v.attached_policies);
  }
};

template <>
struct Fields<Role> {
  static constexpr RecordKind kKind = RecordKind::Role;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.instant(5, v.created);
    ar.text(6, v.description);
    ar.number(7, v.max_session_seconds);
    ar.document(8, v.trust_policy);
    ar.list(9, v.trust_pins);
    ar.list(10, v.tags);
    ar.list(11, v.inline_policies);
    ar.texts(12, v.attached_policies);
    ar.text(13, v.boundary);
    ar.instant(14, v.sessions_valid_after);
  }
};

template <>
struct Fields<ManagedPolicy> {
  static constexpr RecordKind kKind = RecordKind::ManagedPolicy;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.text(5, v.description);
    ar.instant(6, v.created);
    ar.instant(7, v.updated);
    ar.number(8, v.default_version);
    ar.number(9, v.next_version);
    ar.list(10, v.versions);
    ar.list(11, v.tags);
    ar.flag(12, v.is_attachable);
  }
};

template <>
struct Fields<AccessKey> {
  static constexpr RecordKind kKind = RecordKind::AccessKey;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.id);
    ar.text(2, v.account);
    ar.text(3, v.user_id);
    ar.secret(4, v.secret);
    ar.enumeration(5, v.status, KeyStatus::Active, KeyStatus::Inactive);
    ar.instant(6, v.created);
  }
};

template <>
struct Fields<MfaDevice> {
  static constexpr RecordKind kKind = RecordKind::MfaDevice;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.name);
    ar.text(3, v.path);
    ar.secret(4, v.seed);
    ar.instant(5, v.created);
    ar.list(6, v.tags);
    ar.flag(7, v.is_assigned);
    ar.text(8, v.user_id);
    ar.instant(9, v.enabled);
    ar.signed_number(10, v.state.drift_steps);
    ar.signed_number(11, v.state.last_step);
  }
};

template <>
struct Fields<InstanceProfile> {
  static constexpr RecordKind kKind = RecordKind::InstanceProfile;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.instant(5, v.created);
    ar.text(6, v.role_id);
    ar.list(7, v.tags);
  }
};

template <>
struct Fields<Bucket> {
  static constexpr RecordKind kKind = RecordKind::Bucket;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.name);
    ar.text(2, v.account);
    ar.text(3, v.region);
    ar.instant(4, v.created);
    ar.document(5, v.policy);
    ar.list(6, v.policy_pins);
    ar.list(7, v.settings);
  }
};

template <>
struct Fields<LastUsed> {
  static constexpr RecordKind kKind = RecordKind::LastUsed;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.instant(3, v.at);
    ar.text(4, v.region);
    ar.text(5, v.service);
  }
};

template <>
struct Fields<Ticket> {
  static constexpr RecordKind kKind = RecordKind::Ticket;

  static void describe(auto& ar, auto& v) {
    ar.enumeration(1, v.kind, TicketKind::SigninToken, TicketKind::SpentToken);
    ar.text(2, v.id_hash);
    ar.text(3, v.account);
    ar.instant(4, v.expires);
    ar.secret(5, v.data);
    ar.text(6, v.holder);
  }
};

template <>
struct Fields<OrgPolicy> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.name);
    ar.document(2, v.document);
  }
};

template <>
struct Fields<OrgLevel> {
  static void describe(auto& ar, auto& v) { ar.list(1, v.policies); }
};

template <>
struct Fields<OrgPolicies> {
  static constexpr RecordKind kKind = RecordKind::OrgPolicies;

  static void describe(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.flag(2, v.is_management);
    ar.text(3, v.organization_id);
    ar.text(4, v.path);
    ar.list(5, v.scps);
    ar.list(6, v.rcps);
  }
};

template <>
struct Fields<SealingKey> {
  static constexpr RecordKind kKind = RecordKind::SealingKey;

  static void describe(auto& ar, auto& v) {
    ar.number(1, v.id);
    ar.secret(2, v.bytes);
    ar.instant(3, v.not_before);
    ar.instant(4, v.not_after);
  }
};

}  // namespace signet::identity
