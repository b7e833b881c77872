#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "api/web.h"
#include "model/caller.h"

namespace signet::signin {

// What `aws login` asks a browser for (signin-api 2): a code for its owner's credentials, sent to a
// program on the same machine or shown to be typed into one elsewhere.
struct LoginRequest {
  std::string client_id;
  std::string redirect_uri;
  std::string state;
  std::string code_challenge;  // base64url of the SHA-256 of what the client keeps to itself
  bool is_remote = false;      // the code goes through a person to another machine

  // The resource that its permissions are on, in the account of that caller.
  [[nodiscard]] std::string resource(const model::Caller& caller) const;
};

inline constexpr std::string_view kAuthorizePath = "/v1/authorize";
inline constexpr std::string_view kConfirmationPath = "/v1/sessions/confirmation";

// The parameters of /v1/authorize. The error says what is wrong, for the person in the browser:
// another client, another way of answering, a redirect that is none of the two that there are.
// Never is anybody sent anywhere then.
[[nodiscard]] std::expected<LoginRequest, std::string> read_login_request(
    const api::WebRequest& request);

// What proves that the one who brings a code is the one who asked for it (RFC 7636 4.6).
[[nodiscard]] bool fits_challenge(std::string_view verifier, std::string_view challenge);

// The URI with the answer in its query.
[[nodiscard]] std::string redirect_to(const LoginRequest& login,
                                      std::string_view name,
                                      std::string_view value);

}  // namespace signet::signin
