#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

// Something that an account is to be told, put down together with the change that it tells of and
// erased once it was delivered.
struct Notification {
  std::string account;  // who is told
  std::string id;
  std::string channel;  // ARN of the topic
  Instant created;
  SharedSecret message;  // a delegation's exchange token may be in it
};

// In the order in which they were made.
struct NotificationsByTime {
  using Entity = Notification;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const Notification& v, auto&& add) { add(age_key(v.created, v.id)); }
};

struct NotificationsOfAccount {
  using Entity = Notification;
  using Key = std::string;
  static constexpr bool kInAccount = true;

  static void keys(const Notification& v, auto&& add) { add(v.id); }
};

template <>
struct Kind<Notification> : KindDefaults {
  static constexpr std::uint8_t kRecord = 30;
  static constexpr std::string_view kNoun = "notification";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<ById<Notification>, NotificationsOfAccount, NotificationsByTime>;

  static std::string record_key(const Notification& v) {
    return account_key(v.account, "notification", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.channel);
    ar.instant(4, v.created);
    ar.secret(5, v.message);
  }

  static Status normalize(const Notification& v) {
    return v.id.empty() || v.message == nullptr
               ? Status(refuse(v.id, "a notification without id or message"))
               : Status();
  }
};

}  // namespace signet::identity
