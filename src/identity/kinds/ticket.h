#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

// On disk: do not renumber.
enum class TicketKind : std::uint8_t {
  SigninToken = 1,     // from getSigninToken, spent by login
  ConsoleSession = 2,  // behind a session cookie
  SpentToken = 3,      // something that works once and was used
  RevokedSession = 4,  // what was a ConsoleSession; opens nothing, and is listed until it expires
};

// What is told of a sign-in session, a browser's or a program's (signin-api 4).
struct SignInSession {
  std::string id;     // UUID; stays the same while the cookie changes
  std::string owner;  // a user's or role's id; the account id for root; ACCOUNT:NAME, federated
  Instant issued;
  Instant last_used;               // to some minutes
  std::uint32_t idle_seconds = 0;  // ends when it was not used for so long; 0: does not
  std::string client_id;           // of a program that it was given to; empty: a browser's
  std::string origin;              // id of the session that it came from; empty: none
  std::string origin_account;      // whose that is
  std::string user_agent;
  std::string region;

  [[nodiscard]] bool is_idle(Instant now) const {
    return idle_seconds > 0 && last_used.plus_seconds(idle_seconds) <= now;
  }
};

[[nodiscard]] std::string sign_in_session_arn(std::string_view account,
                                              const SignInSession& session);

template <>
struct Fields<SignInSession> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.id);
    ar.text(2, v.owner);
    ar.instant(3, v.issued);
    ar.instant(4, v.last_used);
    ar.number(5, v.idle_seconds);
    ar.text(6, v.client_id);
    ar.text(7, v.origin);
    ar.text(8, v.user_agent);
    ar.text(9, v.region);
    ar.text(10, v.origin_account);
  }
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
  std::optional<SignInSession> session = std::nullopt;  // of the two kinds that are sessions
};

struct TicketId {
  TicketKind kind = TicketKind::SigninToken;
  std::string_view hash;
};

[[nodiscard]] std::string ticket_key(TicketId id);
// Orders by the time of expiry first.
[[nodiscard]] std::string ticket_expiry_key(const Ticket& ticket);
// What tickets are counted under: the account, then the holder in it.
[[nodiscard]] std::array<std::string, 2> ticket_count_keys(std::string_view account,
                                                           std::string_view holder);

struct TicketById {
  using Entity = Ticket;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const Ticket& v, auto&& add) { add(ticket_key({v.kind, v.id_hash})); }

  static Key key_of(TicketId id) { return ticket_key(id); }
};

struct TicketsByExpiry {
  using Entity = Ticket;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const Ticket& v, auto&& add) { add(ticket_expiry_key(v)); }
};

// Those that have a holder.
struct TicketsOfHolder {
  using Entity = Ticket;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const Ticket& v, auto&& add) {
    if (!v.holder.empty()) {
      add(relation_key(relation_key(v.account, v.holder), ticket_expiry_key(v)));
    }
  }
};

// Sign-in sessions by whose they are, those issued first before others.
struct SessionsOfOwner {
  using Entity = Ticket;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const Ticket& v, auto&& add) {
    if (v.session) {
      add(relation_key(relation_key(v.account, v.session->owner),
                       age_key(v.session->issued, v.session->id)));
    }
  }
};

// Sign-in sessions by account and id.
struct SessionById {
  using Entity = Ticket;
  using Key = std::string;
  static constexpr bool kInAccount = false;
  static constexpr std::string_view kTaken = "the session id is taken";

  static void keys(const Ticket& v, auto&& add) {
    if (v.session) {
      add(relation_key(v.account, v.session->id));
    }
  }
};

// Sign-in sessions by the one that they came from.
struct SessionsByOrigin {
  using Entity = Ticket;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const Ticket& v, auto&& add) {
    if (v.session && !v.session->origin.empty()) {
      add(relation_key(v.session->origin, relation_key(v.account, v.session->id)));
    }
  }
};

template <>
struct Kind<Ticket> : KindDefaults {
  using Id = TicketId;
  static constexpr std::uint8_t kRecord = 11;
  static constexpr std::string_view kNoun = "ticket";
  using Indexes = Types<TicketById,
                        TicketsByExpiry,
                        TicketsOfHolder,
                        SessionsOfOwner,
                        SessionById,
                        SessionsByOrigin>;

  static std::string record_key(const Ticket& v);

  static void fields(auto& ar, auto& v) {
    ar.enumeration(1, v.kind, TicketKind::SigninToken, TicketKind::RevokedSession);
    ar.text(2, v.id_hash);
    ar.text(3, v.account);
    ar.instant(4, v.expires);
    ar.secret(5, v.data);
    ar.text(6, v.holder);
    ar.maybe(7, v.session);
  }

  static Status normalize(const Ticket& v) {
    return v.id_hash.empty() ? Status(refuse(kNoun, "no id")) : Status();
  }

  static void tallies(const Ticket& v, auto&& add) {
    if (!v.holder.empty()) {
      for (const std::string& key : ticket_count_keys(v.account, v.holder)) {
        add(key);
      }
    }
  }
};

}  // namespace signet::identity
