#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "api/web.h"

// Sessions of one browser beside each other: each has a number, from 0, and a cookie of its own.
// Pages say which one they are about: the console's in a header, others in their address.

namespace signet::signin {

inline constexpr std::size_t kMostSessions = 5;  // of one browser, as at AWS

// The number that a request is about: what its header x-signet-session or its parameter `session`
// says; 0 without either. Nothing: that is no number of a session.
[[nodiscard]] std::optional<std::size_t> session_number(const api::WebRequest& request);

// The same of a text: empty is 0.
[[nodiscard]] std::optional<std::size_t> number_of_session(std::string_view text);

// What a place says of itself ("/_console/?session=2"); empty: it says nothing. "new" is a session
// beside those that there are.
[[nodiscard]] std::string_view session_in(std::string_view place);

inline constexpr std::string_view kNewSession = "new";

// A place of this server with the number in its query, in place of one that is there; for 0
// without.
[[nodiscard]] std::string with_session(std::string_view place, std::size_t number);

// Where to sign in to the console, in the place of that session.
[[nodiscard]] std::string sign_in_place(std::size_t number);

}  // namespace signet::signin
