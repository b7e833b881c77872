#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/kind.h"

namespace signet::identity {

// When an access key, a role or a password was last used. Kept apart from the entity: written at
// most once in a while, and losing one to a crash is harmless.
struct LastUsed {
  std::string account;
  std::string id;  // access key id, role id, or user id (password; the account id for root's)
  Instant at;
  std::string region;
  std::string service;
};

template <>
struct Kind<LastUsed> : KindDefaults {
  static constexpr std::uint8_t kRecord = 10;
  static constexpr std::string_view kNoun = "last use";
  using Indexes = Types<ById<LastUsed>>;

  static std::string record_key(const LastUsed& v) { return account_key(v.account, "used", v.id); }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.instant(3, v.at);
    ar.text(4, v.region);
    ar.text(5, v.service);
  }

  static Status normalize(const LastUsed& v) {
    return v.id.empty() ? Status(refuse(kNoun, "no id")) : Status();
  }
};

}  // namespace signet::identity
