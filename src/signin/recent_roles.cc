#include "signin/recent_roles.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "signin/cookies.h"
#include "token/signin_step.h"

namespace signet::signin {
namespace {

constexpr std::int64_t kKeptSeconds = 90LL * 24 * 3600;
constexpr std::size_t kMaxText = 2'048;  // sealed and with its name it stays below a cookie's 4096

std::string as_form(const std::vector<RecentRole>& roles) {
  std::string form;
  for (const RecentRole& role : roles) {
    form += concat(form.empty() ? "account=" : "&account=",
                   codec::percent_encode(role.account),
                   "&roleName=",
                   codec::percent_encode(role.role),
                   "&displayName=",
                   codec::percent_encode(role.display_name),
                   "&color=",
                   codec::percent_encode(role.color));
  }
  return form;
}

std::vector<RecentRole> read_form(std::string_view text) {
  std::vector<RecentRole> roles;
  const auto form = codec::FormParams::parse(text);
  for (const codec::FormParam& one : form ? form->all() : std::span<const codec::FormParam>()) {
    if (one.name == "account") {
      roles.push_back(
          {.account = std::string(one.value), .role = {}, .display_name = {}, .color = {}});
    } else if (roles.empty()) {
      break;
    } else if (one.name == "roleName") {
      roles.back().role = one.value;
    } else if (one.name == "displayName") {
      roles.back().display_name = one.value;
    } else if (one.name == "color") {
      roles.back().color = one.value;
    }
  }
  return roles;
}

}  // namespace

std::vector<RecentRole> recent_roles(const http::RequestHead& head,
                                     const authn::KeyRings& rings,
                                     const model::Caller& person,
                                     Instant now) {
  const auto kept = token::open_signin_step(rings.current(), cookie_of(head, Cookie::Roles), now);
  const bool is_own = kept && kept->stage == token::SigninStage::Roles &&
                      kept->account == person.account && kept->principal_id == person.principal_id;
  return is_own ? read_form(kept->destination) : std::vector<RecentRole>();
}

std::string keep_recent_role(const http::RequestHead& head,
                             const authn::KeyRings& rings,
                             const model::Caller& person,
                             RecentRole role,
                             Instant now,
                             Random& random) {
  std::vector<RecentRole> roles = recent_roles(head, rings, person, now);
  std::erase_if(roles, [&role](const RecentRole& one) {
    return one.account == role.account && one.role == role.role;
  });
  roles.insert(roles.begin(), std::move(role));
  roles.resize(std::min(roles.size(), kMaxRecentRoles));
  while (!roles.empty() && as_form(roles).size() > kMaxText) {
    roles.pop_back();
  }
  const auto sealed = token::seal_signin_step(rings.current(),
                                              {.stage = token::SigninStage::Roles,
                                               .expires = now.plus_seconds(kKeptSeconds),
                                               .browser = {},
                                               .account = person.account,
                                               .principal_id = person.principal_id,
                                               .password_changed = {},
                                               .mfa_time = {},
                                               .destination = as_form(roles)},
                                              now,
                                              random);
  return sealed ? set_cookie(Cookie::Roles, *sealed, head.tls) : std::string();
}

}  // namespace signet::signin
