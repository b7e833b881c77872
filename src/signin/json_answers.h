#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace signet::signin {

// What the endpoints of the console's own page have in common.

inline constexpr std::string_view kOnlyOwnPage = "Only the console's own page may ask.";
inline constexpr std::string_view kSessionEnded = "The session has ended.";

[[nodiscard]] http::Response json_answer(int status, std::string body);

// {"message": ...}
[[nodiscard]] http::Response json_problem(int status, std::string_view message);

// A page of another origin can have the cookie sent along, but it cannot set this header without a
// preflight, which nothing here answers, and it cannot choose its Origin.
[[nodiscard]] bool is_asked_by_own_page(const http::RequestHead& head);

}  // namespace signet::signin
