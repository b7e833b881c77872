#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/access_key.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/user.h"
#include "token/ids.h"

namespace signet::identity {

// What a user signs in with at one service: a user name and a password, or an API key, which is an
// alias and a secret in one text (CreateServiceSpecificCredential).
struct ServiceCredential {
  std::string id;  // ACCA...
  std::string account;
  std::string user_id;
  std::string service;        // codecommit.amazonaws.com
  std::string name;           // user name or alias there; stays when the user is renamed
  std::string secret_digest;  // SHA-256 of the password or secret, 32 bytes
  KeyStatus status = KeyStatus::Active;
  Instant created;
  Instant expires;  // zero: never

  [[nodiscard]] bool is_expired(Instant now) const {
    return expires != Instant{} && now >= expires;
  }
};

// User id, credential id.
struct ServiceCredentialsOfUser {
  using Entity = ServiceCredential;
  using Key = std::string;
  using Owner = User;
  static constexpr bool kInAccount = true;

  static void keys(const ServiceCredential& v, auto&& add) { add(relation_key(v.user_id, v.id)); }
};

// Service, folded name there.
struct ServiceCredentialByName {
  using Entity = ServiceCredential;
  using Key = std::string;
  static constexpr bool kInAccount = true;
  static constexpr std::string_view kTaken = "the name at the service is taken";

  static void keys(const ServiceCredential& v, auto&& add) {
    add(relation_key(v.service, fold_name(v.name)));
  }
};

template <>
struct Kind<ServiceCredential> : KindDefaults {
  static constexpr std::uint8_t kRecord = 18;
  static constexpr std::string_view kNoun = "service-specific credential";
  static constexpr std::string_view kIdPrefix = token::kServiceCredentialPrefix;
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<ById<ServiceCredential>, ServiceCredentialsOfUser, ServiceCredentialByName>;

  static std::string record_key(const ServiceCredential& v) {
    return account_key(v.account, "service-cred", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.id);
    ar.text(2, v.account);
    ar.text(3, v.user_id);
    ar.text(4, v.service);
    ar.text(5, v.name);
    ar.text(6, v.secret_digest);
    ar.enumeration(7, v.status, KeyStatus::Active, KeyStatus::Inactive);
    ar.instant(8, v.created);
    ar.instant(9, v.expires);
  }

  static Status normalize(const ServiceCredential& v) {
    if (v.id.empty() || v.service.empty() || v.name.empty() || v.secret_digest.empty()) {
      return refuse(v.id, "a service-specific credential without id, service, name or secret");
    }
    return {};
  }

  static void references(const ServiceCredential& v, auto&& refer) {
    refer(RefersTo<User>{v.user_id});
  }

  static bool may_replace(const ServiceCredential& old, const ServiceCredential& v) {
    return old.user_id == v.user_id && old.service == v.service;
  }
};

}  // namespace signet::identity
