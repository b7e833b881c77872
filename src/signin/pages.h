#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "http/message.h"
#include "http/web_bundle.h"
#include "model/caller.h"

namespace signet::signin {

// Server-rendered pages: no script, one stylesheet, every value escaped, headers that forbid
// framing and everything foreign.

// Text as it may stand in HTML content and in quoted attributes.
[[nodiscard]] std::string escape_html(std::string_view text);

// A role that is acted as.
struct RoleBar {
  std::string_view name;      // to show
  std::string_view color;     // six hexadecimal digits; empty: none
  std::string_view original;  // ARN of who signed in
};

struct LandingPage {
  const model::Caller& caller;
  Instant expires;
  Instant now;
  std::optional<std::vector<std::string>> buckets;  // nothing: may not be listed
  std::string denied;                               // why not
  std::optional<RoleBar> role = std::nullopt;
  bool can_switch = false;  // offers to act as a role
  std::size_t session = 0;  // of the browser's (session_number.h)
};

// With a `console`, the page that it runs in: what is said here is shown to browsers without
// script.
[[nodiscard]] http::Response landing_page(const LandingPage& page, const http::WebBundle& console);

// What the server is, for a person who opened its address.
[[nodiscard]] http::Response welcome_page();

// The person has signed out just now, of that session of the browser.
[[nodiscard]] http::Response signed_out_page(std::size_t session = 0);

// Nobody is signed in. `elsewhere` is the console's address under this machine's other name, where
// a session may be that a browser does not show to this one; empty: there is none.
[[nodiscard]] http::Response not_signed_in_page(std::string_view elsewhere);

// A sign-in link that cannot be used. `issuer` is where the person came from, shown as text.
[[nodiscard]] http::Response error_page(int status,
                                        std::string_view title,
                                        std::string_view message,
                                        std::string_view issuer);

// All numbers of the browser's sessions are taken. `issuer` as above.
[[nodiscard]] http::Response no_place_page(std::string_view issuer);

// The account has as many sessions as may be.
[[nodiscard]] http::Response too_many_sessions_page();

// The sign-in policy of the account denies who comes from where this person does.
[[nodiscard]] http::Response not_from_here_page();

struct ConfirmPage {
  std::string_view current_arn;  // who is signed in now
  std::string_view new_arn;      // whose link was opened
  std::string_view signin_token;
  std::string_view destination;
  std::string_view issuer;
};

// Asks before another session replaces the one in the browser (a link must not do so silently).
[[nodiscard]] http::Response confirm_page(const ConfirmPage& page);

// Asks before a link on another site ends the session. `session`: of the parameter of that name,
// which goes along; empty: there is none.
[[nodiscard]] http::Response confirm_sign_out_page(std::string_view session);

// To somewhere else, which does not learn where from and is not kept.
[[nodiscard]] http::Response redirect(int status, std::string_view location);

[[nodiscard]] http::Response stylesheet();

}  // namespace signet::signin
