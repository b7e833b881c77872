#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "http/message.h"
#include "token/opaque.h"

namespace signet::signin {

// The cookies of the console. Over TLS each has the __Host- prefix and is Secure; on plain
// loopback it has neither, because clients other than browsers would not send it back.
enum class Cookie : std::uint8_t {
  Session,  // who is signed in; sent along where another site leads here (SameSite=Lax)
  Form,     // which browser a form was given to; never sent from elsewhere (SameSite=Strict)
  Known,    // who has signed in with this browser before; kept for 90 days
  Roles,    // which roles were switched to with this browser; kept for 90 days
};

// Its value; empty if the request has none, or several of its name: another program on this host,
// or a site above this one, may have set one of them, and nothing tells which (RFC 6265 8.6).
[[nodiscard]] std::string_view cookie_of(const http::RequestHead& head,
                                         Cookie cookie,
                                         std::size_t number = 0);

// The Set-Cookie header that gives it, or takes it away when `value` is empty. `number`: of the
// sessions of one browser (session_number.h).
[[nodiscard]] std::string set_cookie(Cookie cookie,
                                     std::string_view value,
                                     bool is_secure,
                                     std::size_t number = 0);

// The browser that a form is given to.
struct FormBrowser {
  std::string id;      // hash of its form cookie
  std::string cookie;  // Set-Cookie header that it needs; empty: it has one
};

// A browser without the cookie is given one.
[[nodiscard]] FormBrowser form_browser(const http::RequestHead& head, Random& random);

// Hexadecimal storage id of a token or cookie value that was presented; nothing if it is not shaped
// like one of ours. And that of one that is made here.
[[nodiscard]] std::optional<std::string> ticket_id(std::string_view value);
[[nodiscard]] std::string ticket_id(const token::OpaqueToken& made);

}  // namespace signet::signin
