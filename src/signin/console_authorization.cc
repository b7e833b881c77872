#include "signin/console_authorization.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "http/trusted_proxies.h"
#include "identity/settings.h"
#include "signin/session_owner.h"

namespace signet::signin {
namespace {

constexpr std::string_view kSwitch = "signin.console-authorization";
constexpr std::string_view kStatement = "signin.statement.";

bool contains(std::string_view range, std::string_view address) {
  http::TrustedProxies addresses;
  return addresses.add(range).has_value() && addresses.contains(address);
}

bool denies(const PermissionStatement& statement,
            std::string_view owner,
            const authz::RequestInfo& request,
            const identity::Snapshot& snapshot) {
  const bool is_from_there =
      contains(statement.source_ip, request.source_ip) &&
      (statement.requested_region.empty() || statement.requested_region == request.region);
  if (is_from_there) {
    return false;
  }
  const auto excluded = owner_named(statement.excluded_principal, snapshot);
  return !excluded || excluded->id.empty() || excluded->id != owner;
}

}  // namespace

bool is_console_authorization_on(const identity::Account& account) {
  return std::ranges::any_of(account.settings,
                             [](const model::Tag& one) { return one.key == kSwitch; });
}

void switch_console_authorization(identity::Account& account, bool is_on) {
  if (is_on) {
    identity::set_setting(account.settings, kSwitch, "on");
  } else {
    identity::set_setting(account.settings, kSwitch, std::nullopt);
  }
}

std::vector<PermissionStatement> permission_statements(const identity::Account& account) {
  std::vector<PermissionStatement> statements;
  for (const model::Tag& one : account.settings) {
    if (!one.key.starts_with(kStatement)) {
      continue;
    }
    PermissionStatement statement{.id = one.key.substr(kStatement.size()),
                                  .source_ip = {},
                                  .requested_region = {},
                                  .excluded_principal = {},
                                  .client_token = {}};
    if (const auto json = codec::Json::parse(one.value)) {
      statement.source_ip = json->string_at("sourceIp");
      statement.requested_region = json->string_at("requestedRegion");
      statement.excluded_principal = json->string_at("excludedPrincipal");
      statement.client_token = json->string_at("clientToken");
    }
    statements.push_back(std::move(statement));
  }
  return statements;
}

void put_permission_statement(identity::Account& account, const PermissionStatement& statement) {
  std::string json;
  codec::JsonWriter writer(json);
  writer.begin_object();
  writer.member("sourceIp", statement.source_ip);
  writer.member("requestedRegion", statement.requested_region);
  writer.member("excludedPrincipal", statement.excluded_principal);
  writer.member("clientToken", statement.client_token);
  writer.end_object();
  identity::set_setting(account.settings, concat(kStatement, statement.id), std::move(json));
}

void erase_permission_statement(identity::Account& account, std::string_view id) {
  identity::set_setting(account.settings, concat(kStatement, id), std::nullopt);
}

bool is_source(std::string_view text) {
  return http::TrustedProxies().add(text).has_value();
}

bool is_denied_here(std::string_view account,
                    std::string_view owner,
                    const authz::RequestInfo& request,
                    const identity::Snapshot& snapshot) {
  const auto* found = snapshot.find<identity::Account>(account);
  return found != nullptr && is_console_authorization_on(*found) &&
         std::ranges::any_of(permission_statements(*found), [&](const PermissionStatement& one) {
           return denies(one, owner, request, snapshot);
         });
}

}  // namespace signet::signin
