#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signet::signin {

// Where a login may lead: the path of our own console that stands for a Destination parameter.
// AWS's console hosts lead to our console's front page; our own origin (`host` is the request's
// Host header) only below /_console/. Nothing for any other place, and for text with control
// characters, backslashes, user info or another scheme.
// AWS-DIFF: a link to a page of AWS's console opens the front page of Signet's
// (destination_test.cc).
[[nodiscard]] std::optional<std::string> console_path_of(std::string_view destination,
                                                         std::string_view host);

// Where a sign-in with a password may lead back to: such a path, or /v1/authorize with its
// parameters, which asks before it does anything.
[[nodiscard]] std::optional<std::string> way_back(std::string_view destination,
                                                  std::string_view host);

}  // namespace signet::signin
