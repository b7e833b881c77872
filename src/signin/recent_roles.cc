#include "signin/recent_roles.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "signin/cookies.h"
#include "token/signin_step.h"

namespace signet::signin {
namespace {

constexpr std::int64_t kKeptSeconds = 90LL * 24 * 3600;
constexpr std::size_t kMaxText = 2'048;  // sealed and with its name it stays below a cookie's 4096

std::string as_json(const std::vector<RecentRole>& roles) {
  std::string json;
  codec::JsonWriter writer(json);
  writer.begin_array();
  for (const RecentRole& role : roles) {
    writer.begin_object();
    writer.member("account", role.account);
    writer.member("role", role.role);
    writer.member("name", role.display_name);
    writer.member("color", role.color);
    writer.end_object();
  }
  writer.end_array();
  return json;
}

std::vector<RecentRole> read_json(std::string_view text) {
  std::vector<RecentRole> roles;
  const auto json = codec::Json::parse(text);
  for (const codec::Json& one : json ? json->items() : std::vector<codec::Json>()) {
    roles.push_back({.account = std::string(one.string_at("account")),
                     .role = std::string(one.string_at("role")),
                     .display_name = std::string(one.string_at("name")),
                     .color = std::string(one.string_at("color"))});
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
  return is_own ? read_json(kept->destination) : std::vector<RecentRole>();
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
  while (!roles.empty() && as_json(roles).size() > kMaxText) {
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
                                               .destination = as_json(roles)},
                                              now,
                                              random);
  return sealed ? set_cookie(Cookie::Roles, *sealed, head.tls) : std::string();
}

}  // namespace signet::signin
