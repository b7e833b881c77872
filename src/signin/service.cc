#include "signin/service.h"

#include <span>
#include <utility>

#include "signin/authorize.h"
#include "signin/console.h"
#include "signin/console_credentials.h"
#include "signin/console_files.h"
#include "signin/federation.h"
#include "signin/login_request.h"
#include "signin/oauth_token.h"
#include "signin/passkeys.h"
#include "signin/root_device.h"
#include "signin/saml_login.h"
#include "signin/sign_in.h"
#include "signin/switch_role.h"

namespace signet::signin {
namespace {

bool has_action(std::string_view raw_query) {
  return raw_query.starts_with("Action=") || raw_query.find("&Action=") != std::string_view::npos;
}

constexpr std::string_view kTokenPath = "/v1/token";
constexpr std::string_view kTokenMethod = "x-amz-oauth-token-method=";

struct Row {
  std::string_view method;  // empty: any
  std::string_view name;    // Action of the federation endpoint, or path of the console
  std::unique_ptr<api::WebInvocation> (*make)(const SigninParts&);
};

constexpr Row kFederation[] = {
    {"", "getSigninToken", make_get_signin_token},
    {"", "login", make_console_login},
    {"", "logout", make_logout},
};

constexpr Row kConsole[] = {
    {"", "/_console/signout", make_logout},
    {"POST", "/_console/signin", make_password_step},
    {"", "/_console/signin", make_sign_in_form},
    {"GET", "/_console/signin/mfa", make_sign_in_form},  // an address that was kept
    {"GET", "/_console/signin/password", make_sign_in_form},
    {"POST", "/_console/signin/mfa", make_mfa_step},
    {"POST", "/_console/signin/password", make_new_password_step},
    {"POST", kConsoleCredentialsPath, make_console_credentials},
    {"GET", kPasskeyScriptPath, make_passkey_script},
    {"POST", "/_console/api/passkeys/challenge", make_passkey_challenge},
    {"POST", "/_console/api/passkeys", make_register_passkey},
    {"POST", "/_console/api/root-mfa-device", make_enable_root_device},
    {"POST", "/_console/switchrole", make_switch_role},
    {"", "/_console/switchrole", make_switch_role_page},
    {"", "/switchrole", make_switch_role_page},
    {"POST", "/_console/exitrole", make_exit_role},
    {"GET", kAuthorizePath, make_authorize_page},
    {"POST", kAuthorizePath, make_consent},
    {"GET", kConfirmationPath, make_confirmation_page},
    {"", kTokenPath, make_token_call},
};

bool is_federation(std::string_view path) {
  return path == "/federation" || path == "/oauth";
}

}  // namespace

SigninService::SigninService(const authn::KeyRings& rings,
                             const TicketLimits& limits,
                             const http::WebBundle& console,
                             api::SamlSignInMaker make_saml_sign_in)
    : rings_(rings),
      limits_(limits),
      make_saml_sign_in_(std::move(make_saml_sign_in)),
      id_token_key_(crypto::SignKey::make_ec(crypto::EcCurve::P384).value()),
      console_(console) {}

bool SigninService::handles(std::string_view method,
                            std::string_view path,
                            std::string_view raw_query) const {
  if (path.starts_with("/_console/") || path == "/_console" || path == kAuthorizePath ||
      path == kConfirmationPath) {
    return true;
  }
  if (path == kTokenPath) {  // CreateOAuth2TokenWithTokenExchange has the same
    return raw_query.find(kTokenMethod) == std::string_view::npos;
  }
  if (takes_evidence(path)) {  // a bucket may be called saml: its links and forms have a query
    return method == "POST" && raw_query.empty();
  }
  if (path == "/switchrole") {  // a bucket may have that name, too
    return method == "GET" && raw_query.find("roleName=") != std::string_view::npos;
  }
  // A bucket may be called federation or oauth: the pages are there only with an Action, or for a
  // form post.
  return is_federation(path) && (has_action(raw_query) || method == "POST");
}

bool SigninService::takes_evidence(std::string_view path) const {
  return make_saml_sign_in_ && is_saml_path(path);
}

std::vector<std::string_view> SigninService::operations() const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kOperations; ++i) {
    names.push_back(name_of(static_cast<Operation>(i)));
  }
  return names;
}

std::unique_ptr<api::WebInvocation> SigninService::match(const api::WebRequest& request) {
  const SigninParts parts{.request = request,
                          .rings = rings_,
                          .limits = limits_,
                          .attempts = attempts_,
                          .id_token_key = id_token_key_,
                          .make_saml_sign_in = make_saml_sign_in_,
                          .console = console_};
  if (takes_evidence(request.path)) {
    return make_saml_login(parts);
  }
  const bool is_endpoint = is_federation(request.path);
  for (const Row& row : is_endpoint ? std::span<const Row>(kFederation) : kConsole) {
    const bool is_method = row.method.empty() || row.method == request.method;
    if (is_method && row.name == (is_endpoint ? request.param("Action") : request.path)) {
      return row.make(parts);
    }
  }
  return is_endpoint ? make_unknown_action(parts) : make_console_page(parts);
}

}  // namespace signet::signin
