#include "signin/login_request.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/uri.h"
#include "crypto/sha256.h"
#include "signin/origin.h"

namespace signet::signin {
namespace {

constexpr std::string_view kSameDevice = "arn:aws:signin:::devtools/same-device";
constexpr std::string_view kCrossDevice = "arn:aws:signin:::devtools/cross-device";
constexpr std::size_t kMaxState = 512;

bool is_base64url(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_verifier(std::string_view text) {
  return text.size() >= 43 && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
           return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
         });
}

// http://127.0.0.1:PORT/oauth/callback, and nothing that only looks like it.
bool is_loopback_callback(std::string_view uri) {
  constexpr std::string_view kStart = "http://127.0.0.1:";
  constexpr std::string_view kEnd = "/oauth/callback";
  if (!uri.starts_with(kStart) || !uri.ends_with(kEnd) ||
      uri.size() <= kStart.size() + kEnd.size()) {
    return false;
  }
  const auto port =
      parse_decimal(uri.substr(kStart.size(), uri.size() - kStart.size() - kEnd.size()));
  return port && *port >= 1 && *port <= 65'535;
}

// This server's own page that shows a code.
bool is_confirmation(std::string_view uri, const http::RequestHead& head) {
  const std::string here = concat(head.tls ? "https://" : "http://", head.host, kConfirmationPath);
  const std::string other = other_loopback_origin(head);
  return equals_ignore_case(uri, here) ||
         (!other.empty() && equals_ignore_case(uri, concat(other, kConfirmationPath)));
}

}  // namespace

std::string LoginRequest::resource(const model::Caller& caller) const {
  return concat("arn:aws:signin:us-east-1:",
                caller.account,
                ":oauth2/public-client/",
                is_remote ? "remote" : "localhost");
}

std::expected<LoginRequest, std::string> read_login_request(const api::WebRequest& request) {
  const auto wrong = [](std::string text) {
    return std::unexpected(std::move(text));
  };
  LoginRequest login{.client_id = std::string(request.param("client_id")),
                     .redirect_uri = std::string(request.param("redirect_uri")),
                     .state = std::string(request.param("state")),
                     .code_challenge = std::string(request.param("code_challenge")),
                     .is_remote = request.param("client_id") == kCrossDevice};
  if (login.client_id != kSameDevice && !login.is_remote) {
    return wrong("client_id must be that of `aws login`, with or without --remote.");
  }
  const bool is_known = login.is_remote ? is_confirmation(login.redirect_uri, *request.head)
                                        : is_loopback_callback(login.redirect_uri);
  if (!is_known) {
    return wrong(login.is_remote
                     ? "redirect_uri must be /v1/sessions/confirmation of this server."
                     : "redirect_uri must be of the form http://127.0.0.1:PORT/oauth/callback.");
  }
  if (request.param("response_type") != "code" || request.param("scope") != "openid") {
    return wrong("response_type must be code, and scope openid.");
  }
  const std::string_view method = request.param("code_challenge_method");
  if ((method != "SHA-256" && method != "S256") || login.code_challenge.size() != 43 ||
      !is_base64url(login.code_challenge)) {
    return wrong("code_challenge must be a SHA-256 in base64url, and its method SHA-256.");
  }
  if (login.state.empty() || login.state.size() > kMaxState) {
    return wrong("state is missing, or too long.");
  }
  return login;
}

bool fits_challenge(std::string_view verifier, std::string_view challenge) {
  if (!is_verifier(verifier)) {
    return false;
  }
  const crypto::Sha256Digest digest = crypto::sha256(verifier);
  return codec::encode_base64url(crypto::as_view(digest)) == challenge;
}

std::string redirect_to(const LoginRequest& login, std::string_view name, std::string_view value) {
  return concat(login.redirect_uri,
                "?",
                name,
                "=",
                codec::percent_encode(value),
                "&state=",
                codec::percent_encode(login.state));
}

}  // namespace signet::signin
