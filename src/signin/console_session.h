#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/web.h"
#include "authn/key_rings.h"
#include "identity/entities.h"
#include "identity/transaction.h"
#include "model/caller.h"

namespace signet::signin {

// A sign-in with a password, of a user or of root.
struct PasswordSignIn {
  std::string account;
  std::string principal_id;   // the account id for root
  std::string access_key_id;  // of the session, in records
  Instant at;
  std::optional<Instant> mfa_time;
};

// The client that `aws login` gave a session to.
struct LoginClient {
  std::string id;
  std::string key_thumbprint;  // of the key that proves each of its requests (RFC 9449)
};

// A role that a user acts as for a while (sign-in 3). Names are shown, and decide nothing.
struct SwitchedRole {
  std::string session_token;  // of the role, sealed
  Instant expires;
  std::string display_name;
  std::string color;  // six hexadecimal digits; empty: none
};

// What stands behind a sign-in token and later behind a session cookie: the temporary credentials
// that were presented, as their session token, and how long the console session lasts; or who
// signed in with a password. Stored encrypted in a Ticket.
struct Grant {
  std::string session_token;  // empty: there is a password sign-in
  std::int64_t session_seconds =
      0;  // of the console session, from login; 0: as long as the credentials
  std::optional<PasswordSignIn> password;
  std::optional<LoginClient> login;  // the session is a program's, and no cookie's
  std::optional<SwitchedRole> role;  // in place of the user who signed in
};

// The password of a user or of root; null without one, and for nobody.
[[nodiscard]] const identity::LoginProfile* login_of(const identity::Snapshot& snapshot,
                                                     std::string_view account_id,
                                                     std::string_view principal_id);

[[nodiscard]] identity::SharedSecret encode_grant(const Grant& grant);
[[nodiscard]] std::optional<Grant> decode_grant(const Secret& data);

// Who a session stands for now. The callers' sessions name the ticket as their console session.
struct InForce {
  model::Caller caller;              // who acts: the role while one is acted as
  model::Caller original;            // who signed in
  std::optional<SwitchedRole> role;  // while one is acted as
  Instant expires;                   // when `caller` stops being who acts
};

enum class SessionEnd : std::uint8_t { Over, PasswordReplaced };

// The one answer to whether a session is in force, a browser's or a program's. It is over when it
// expired, was not used for too long or was revoked; when the role, user or account behind it is
// gone; or when it was sealed with a key that was retired. The credentials behind a console session
// may have expired: it can last longer (aws-wire 5.1). A role that is over leaves a person who they
// are; a program was given the role alone.
[[nodiscard]] std::expected<InForce, SessionEnd> in_force(const Grant& grant,
                                                          const identity::Ticket& ticket,
                                                          const identity::Snapshot& snapshot,
                                                          const authn::KeyRings& rings,
                                                          Instant now);

// What is told of a session that begins now, of this caller and with this request (signin-api 4).
[[nodiscard]] identity::SignInSession new_session(const model::Caller& owner,
                                                  const authz::RequestInfo& request,
                                                  Random& random);

// Erases tickets of a holder, those that end soonest first, so that one more is within `most`: who
// has as many sessions as may be loses the oldest, and is not kept out.
void make_room_for(std::string_view account,
                   std::string_view holder,
                   std::size_t most,
                   identity::Transaction& transaction);

// A signed-in browser.
struct SignedIn : InForce {
  Instant session_expires;
  std::string id_hash;  // of the ticket
  std::string holder;   // whose tickets it is counted with
  Grant grant;
  std::size_t number = 0;  // among the sessions of the browser (session_number.h)
};

// The storage id of the console session behind the browser's cookie of that number, whoever it
// stands for; nothing if there is no such session.
[[nodiscard]] std::optional<std::string> ticket_of(const http::RequestHead& head,
                                                   std::size_t number,
                                                   const identity::Snapshot& snapshot);

// Ends the session whose place a new one takes, for every copy of its cookie; nothing if the place
// is free.
void end_session_at(std::size_t number,
                    const http::RequestHead& head,
                    identity::Transaction& transaction);

// Who the session cookie stands for that a request is about; nothing without one of a browser's
// session that is in force.
[[nodiscard]] std::optional<SignedIn> signed_in(const api::WebRequest& request,
                                                const identity::Snapshot& snapshot,
                                                const authn::KeyRings& rings,
                                                Instant now);

// All sessions of the browser that are in force, by their numbers.
[[nodiscard]] std::vector<SignedIn> all_signed_in(const http::RequestHead& head,
                                                  const identity::Snapshot& snapshot,
                                                  const authn::KeyRings& rings,
                                                  Instant now);

// The same but for the one of that number.
[[nodiscard]] std::vector<SignedIn> others_signed_in(std::size_t number,
                                                     const http::RequestHead& head,
                                                     const identity::Snapshot& snapshot,
                                                     const authn::KeyRings& rings,
                                                     Instant now);

// Which number a sign-in that leads to a place gets: what the place says, 0 if it says nothing, of
// "new" the first that no session in force has. Nothing: all are taken, or there is no such number.
[[nodiscard]] std::optional<std::size_t> number_for(std::string_view place,
                                                    const std::vector<SignedIn>& others);

}  // namespace signet::signin
