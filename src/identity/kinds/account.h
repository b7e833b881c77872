#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

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
  std::vector<Tag> properties;        // PutAccountProperties: by "Namespace/Property", sorted
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

struct AccountByAlias {
  using Entity = Account;
  using Key = std::string;
  static constexpr bool kInAccount = false;
  static constexpr std::string_view kTaken = "the alias is another account's";

  static void keys(const Account& v, auto&& add) {
    if (!v.alias.empty()) {
      add(v.alias);
    }
  }
};

struct AccountByCanonicalId {
  using Entity = Account;
  using Key = std::string;
  static constexpr bool kInAccount = false;
  static constexpr std::string_view kTaken = "the canonical user id is another account's";

  static void keys(const Account& v, auto&& add) {
    if (!v.canonical_user_id.empty()) {
      add(v.canonical_user_id);
    }
  }
};

// An account is what the tables of its entities hang on: Snapshot knows it by its id.
template <>
struct Kind<Account> : KindDefaults {
  static constexpr std::uint8_t kRecord = 1;
  static constexpr std::string_view kNoun = "account";
  static constexpr bool kHasLastUse = true;
  using Indexes = Types<AccountByAlias, AccountByCanonicalId>;

  static std::string record_key(const Account& v) { return "a/" + v.id; }

  static void fields(auto& ar, auto& v) {
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
    ar.list(12, v.properties);
  }

  static Status normalize(const Account& v) {
    return v.id.empty() ? Status(refuse(kNoun, "no id")) : Status();
  }
};

}  // namespace signet::identity
