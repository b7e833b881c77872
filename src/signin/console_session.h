#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/web.h"
#include "authn/key_rings.h"
#include "identity/entities.h"
#include "model/caller.h"

namespace signet::signin {

// What stands behind a sign-in token and later behind a session cookie: the temporary credentials
// that were presented, as their session token, and how long the console session lasts. Stored
// encrypted in a Ticket.
struct Grant {
  std::string session_token;
  std::int64_t session_seconds =
      0;  // of the console session, from login; 0: as long as the credentials
};

[[nodiscard]] identity::SharedSecret encode_grant(const Grant& grant);
[[nodiscard]] std::optional<Grant> decode_grant(const Secret& data);

// A signed-in browser.
struct SignedIn {
  model::Caller caller;
  Instant expires;
  std::string id_hash;  // of the ticket
};

// Who the session cookie of a request stands for; nothing without a valid one. The credentials
// behind a console session may have expired (it can last longer, aws-wire 5.1), but the role, user
// or account must still exist and the session must not have been revoked.
[[nodiscard]] std::optional<SignedIn> signed_in(const api::WebRequest& request,
                                                const identity::Snapshot& snapshot,
                                                const authn::KeyRings& rings,
                                                Instant now);

// Value of a Set-Cookie header that starts a session, or ends it when `value` is empty. Over TLS
// the cookie has the
// __Host- prefix and is Secure; on plain loopback it has neither, because clients other than
// browsers would not send it back.
[[nodiscard]] std::string session_cookie(std::string_view value, bool is_secure);

// Hexadecimal storage id of a presented token or cookie value; nothing if it is not shaped like one
// of ours.
[[nodiscard]] std::optional<std::string> ticket_id(std::string_view value);

}  // namespace signet::signin
