#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"

namespace signet::identity {

struct ActionAccess {
  std::string action;  // without the service: GetObject
  Instant at;
  std::string region;
};

// Accesses are told for so long: what is older is as if it had not been (aws-wire 4.21).
inline constexpr std::int64_t kAccessTrackedSeconds = std::int64_t{400} * 86'400;

[[nodiscard]] inline bool is_access_told(Instant at, Instant now) {
  return at.plus_seconds(kAccessTrackedSeconds) >= now;
}

struct ServiceAccess {
  std::string service;  // prefix of its actions: s3
  Instant at;           // of the latest of its actions
  std::string region;
  std::vector<ActionAccess> actions;  // sorted by action
};

// Which services a user, a role or root used last, and when. Kept apart from the entity, as
// LastUsed is: written at most once in a while for each action, and losing one to a crash is
// harmless.
struct LastAccess {
  std::string account;
  std::string id;                       // user id or role id; the account id for root
  std::vector<ServiceAccess> services;  // sorted by service
};

template <>
struct Fields<ActionAccess> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.action);
    ar.instant(2, v.at);
    ar.text(3, v.region);
  }
};

template <>
struct Fields<ServiceAccess> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.service);
    ar.instant(2, v.at);
    ar.text(3, v.region);
    ar.list(4, v.actions);
  }
};

template <>
struct Kind<LastAccess> : KindDefaults {
  static constexpr std::uint8_t kRecord = 27;
  static constexpr std::string_view kNoun = "last access";
  using Indexes = Types<ById<LastAccess>>;

  static std::string record_key(const LastAccess& v) {
    return account_key(v.account, "access", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.list(3, v.services);
  }

  static Status normalize(const LastAccess& v) {
    return v.id.empty() ? Status(refuse(kNoun, "no id")) : Status();
  }
};

}  // namespace signet::identity
