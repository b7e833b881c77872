#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"
#include "identity/kinds/user.h"
#include "token/ids.h"

namespace signet::identity {

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

// Owner id, key id.
struct KeysOfOwner {
  using Entity = AccessKey;
  using Key = std::string;
  using Owner = User;
  static constexpr bool kInAccount = true;

  static void keys(const AccessKey& v, auto&& add) { add(relation_key(v.owner_id(), v.id)); }
};

template <>
struct Kind<AccessKey> : KindDefaults {
  static constexpr std::uint8_t kRecord = 6;
  static constexpr std::string_view kNoun = "access key";
  static constexpr std::string_view kIdPrefix = token::kAccessKeyPrefix;
  static constexpr bool kNeedsAccount = true;
  static constexpr bool kHasLastUse = true;
  using Indexes = Types<ById<AccessKey>, KeysOfOwner>;

  static std::string record_key(const AccessKey& v) { return account_key(v.account, "key", v.id); }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.id);
    ar.text(2, v.account);
    ar.text(3, v.user_id);
    ar.secret(4, v.secret);
    ar.enumeration(5, v.status, KeyStatus::Active, KeyStatus::Inactive);
    ar.instant(6, v.created);
  }

  static Status normalize(const AccessKey& v) {
    if (v.id.empty() || v.secret == nullptr || v.secret->empty()) {
      return refuse(v.id, "an access key without id or secret");
    }
    return {};
  }

  static void references(const AccessKey& v, auto&& refer) {
    if (!v.is_root()) {
      refer(RefersTo<User>{v.user_id});
    }
  }

  static bool may_replace(const AccessKey& old, const AccessKey& v) {
    return old.user_id == v.user_id;
  }
};

}  // namespace signet::identity
