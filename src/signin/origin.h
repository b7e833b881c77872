#pragma once

#include <string>

#include "http/message.h"

namespace signet::signin {

// This server's origin, as the request called it: "https://signet.example.com".
[[nodiscard]] std::string origin_of(const http::RequestHead& head);

// Whether a request was made by a page of this very server, as far as browsers tell:
// Sec-Fetch-Site where it is sent, otherwise Origin. Requests with neither come from programs,
// which hold no browser's cookie.
[[nodiscard]] bool is_own_origin(const http::RequestHead& head);

// Whether a page of another origin led here, as far as browsers tell: a link or a form of a foreign
// site. Not so for an address that a person typed.
[[nodiscard]] bool is_led_here_by_others(const http::RequestHead& head);

// The server's origin under the other name of the loopback interface, localhost or 127.0.0.1; empty
// if the request came by neither. Pages belong to localhost: cookies know no ports, so those of
// 127.0.0.1 would go to every program that listens there, as `aws login` does (sign-in 6.1).
[[nodiscard]] std::string other_loopback_origin(const http::RequestHead& head);

}  // namespace signet::signin
