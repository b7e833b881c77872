#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/secret.h"
#include "signin/invocation.h"

namespace signet::signin {

// GET /v1/authorize of `aws login` (signin-api 2): leads to the sign-in and back, then asks.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_authorize_page(const SigninParts& parts);

// POST /v1/authorize: the answer. Allowing needs signin:AuthorizeOAuth2Access and makes a code.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_consent(const SigninParts& parts);

// GET /v1/sessions/confirmation: shows a code to be typed elsewhere.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_confirmation_page(const SigninParts& parts);

// What a code stands for. Kept encrypted in a Ticket.
struct CodeGrant {
  std::string session;  // the console session: id of its ticket
  std::string user_id;  // who consented, a role that was acted as if one was
  std::string client_id;
  std::string redirect_uri;
  std::string code_challenge;
};

[[nodiscard]] identity::SharedSecret encode_code(const CodeGrant& grant);
[[nodiscard]] std::optional<CodeGrant> decode_code(const Secret& data);

}  // namespace signet::signin
