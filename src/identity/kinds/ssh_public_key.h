#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/access_key.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/user.h"
#include "token/ids.h"

namespace signet::identity {

// An SSH key with which a user signs in to a repository.
struct SshPublicKey {
  std::string id;  // APKA...
  std::string account;
  std::string user_id;
  std::string body;  // as it was uploaded
  std::string key;   // as SSH sends it (RFC 4253 6.6), bytes
  KeyStatus status = KeyStatus::Active;
  Instant uploaded;
};

// Owner id, key id.
struct SshKeysOfUser {
  using Entity = SshPublicKey;
  using Key = std::string;
  using Owner = User;
  static constexpr bool kInAccount = true;

  static void keys(const SshPublicKey& v, auto&& add) { add(relation_key(v.user_id, v.id)); }
};

template <>
struct Kind<SshPublicKey> : KindDefaults {
  static constexpr std::uint8_t kRecord = 15;
  static constexpr std::string_view kNoun = "SSH public key";
  static constexpr std::string_view kIdPrefix = token::kPublicKeyPrefix;
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<ById<SshPublicKey>, SshKeysOfUser>;

  static std::string record_key(const SshPublicKey& v) {
    return account_key(v.account, "ssh", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.id);
    ar.text(2, v.account);
    ar.text(3, v.user_id);
    ar.text(4, v.body);
    ar.text(5, v.key);
    ar.enumeration(6, v.status, KeyStatus::Active, KeyStatus::Inactive);
    ar.instant(7, v.uploaded);
  }

  static Status normalize(const SshPublicKey& v) {
    return v.id.empty() || v.key.empty() ? Status(refuse(v.id, "an SSH key without id or key"))
                                         : Status();
  }

  static void references(const SshPublicKey& v, auto&& refer) { refer(RefersTo<User>{v.user_id}); }

  static bool may_replace(const SshPublicKey& old, const SshPublicKey& v) {
    return old.user_id == v.user_id && old.key == v.key;
  }
};

}  // namespace signet::identity
