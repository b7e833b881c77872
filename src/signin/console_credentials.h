#pragma once

#include <memory>
#include <string_view>

#include "signin/invocation.h"

namespace signet::signin {

inline constexpr std::string_view kConsoleCredentialsPath = "/_console/api/credentials";

// POST: the console's page trades the session cookie for credentials of that very session, 15
// minutes at most, with which it calls the public API like any other program (decision 0041).
// Answers JSON: the credentials, and what a person is told of the session. 403 unless a page of
// this very server asks: with its Origin, and a header that no form can send. 401 without a
// session.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_console_credentials(
    const SigninParts& parts);

}  // namespace signet::signin
