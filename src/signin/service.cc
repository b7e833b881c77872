#include "signin/service.h"

#include "signin/console.h"
#include "signin/federation.h"

namespace signet::signin {
namespace {

bool has_action(std::string_view raw_query) {
  return raw_query.starts_with("Action=") || raw_query.find("&Action=") != std::string_view::npos;
}

struct Row {
  std::string_view action;  // of the federation endpoint
  std::unique_ptr<api::WebInvocation> (*make)(const SigninParts&);
};

constexpr Row kFederation[] = {
    {"getSigninToken", make_get_signin_token},
    {"login", make_console_login},
    {"logout", make_logout},
};

bool is_federation(std::string_view path) {
  return path == "/federation" || path == "/oauth";
}

}  // namespace

SigninService::SigninService(const authn::KeyRings& rings, const TicketLimits& limits)
    : rings_(rings), limits_(limits) {}

bool SigninService::handles(std::string_view method,
                            std::string_view path,
                            std::string_view raw_query) const {
  if (path.starts_with("/_console/") || path == "/_console") {
    return true;
  }
  // A bucket may be called federation or oauth: the pages are there only with an Action, or for a
  // form post.
  return is_federation(path) && (has_action(raw_query) || method == "POST");
}

std::vector<std::string_view> SigninService::operations() const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kOperations; ++i) {
    names.push_back(name_of(static_cast<Operation>(i)));
  }
  return names;
}

std::unique_ptr<api::WebInvocation> SigninService::match(const api::WebRequest& request) {
  const SigninParts parts{.request = request, .rings = rings_, .limits = limits_};
  if (!is_federation(request.path)) {
    return request.path == "/_console/signout" ? make_logout(parts) : make_console_page(parts);
  }
  for (const Row& row : kFederation) {
    if (row.action == request.param("Action")) {
      return row.make(parts);
    }
  }
  return make_unknown_action(parts);
}

}  // namespace signet::signin
