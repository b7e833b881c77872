#include "server/bootstrap_file.h"

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"
#include "facts/errors.h"
#include "model/arn.h"
#include "server/org_file.h"

namespace signet::server {
namespace {

using codec::Json;
using identity::BootstrapAccount;
using identity::BootstrapKey;
using identity::BootstrapUser;

std::unexpected<Error> bad(std::string_view where, std::string_view what) {
  return fail(ErrorCode::InvalidInput, concat("bootstrap file: ", where, ": ", what));
}

Status check_members(const Json& object,
                     std::string_view where,
                     std::initializer_list<std::string_view> known) {
  if (!object.is_object()) {
    return bad(where, "expected an object");
  }
  for (const auto& [name, value] : object.members()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return bad(where, concat("unknown member \"", name, "\""));
    }
  }
  return {};
}

// Text of an optional member; empty if absent.
Result<std::string> text_at(const Json& object, std::string_view name, std::string_view where) {
  const Json* member = object.find(name);
  if (member == nullptr || member->is_null()) {
    return std::string();
  }
  if (!member->is_string()) {
    return bad(concat(where, ".", name), "expected a string");
  }
  return member->text();
}

// Items of an optional list member.
Result<std::vector<const Json*>> list_at(const Json& object,
                                         std::string_view name,
                                         std::string_view where) {
  std::vector<const Json*> items;
  const Json* member = object.find(name);
  if (member == nullptr || member->is_null()) {
    return items;
  }
  if (!member->is_array()) {
    return bad(concat(where, ".", name), "expected a list");
  }
  for (const Json& item : member->items()) {
    items.push_back(&item);
  }
  return items;
}

Result<std::optional<Secret>> secret_at(const Json& object,
                                        std::string_view name,
                                        std::string_view where) {
  std::string text = TRY(text_at(object, name, where));
  if (text.empty()) {
    return std::optional<Secret>();
  }
  return std::optional<Secret>(Secret(std::move(text)));
}

Result<BootstrapKey> read_key(const Json& json, std::string_view where) {
  BootstrapKey key;
  key.access_key_id = TRY(text_at(json, "access_key_id", where));
  key.secret_access_key = Secret(TRY(text_at(json, "secret_access_key", where)));
  if (!key.secret_access_key.empty() && key.access_key_id.empty()) {
    return bad(where, "secret_access_key needs an access_key_id");
  }
  return key;
}

Result<BootstrapUser> read_user(const Json& json, std::string_view where) {
  TRY_STATUS(check_members(json, where, {"name", "path", "policies", "access_keys", "password"}));
  BootstrapUser user;
  user.name = TRY(text_at(json, "name", where));
  if (user.name.empty()) {
    return bad(where, "a user needs a name");
  }
  const std::string path = TRY(text_at(json, "path", where));
  user.path = path.empty() ? "/" : path;
  for (const Json* policy : TRY(list_at(json, "policies", where))) {
    if (!policy->is_string()) {
      return bad(concat(where, ".policies"), "expected policy ARNs");
    }
    user.policies.push_back(policy->text());
  }
  for (const Json* key : TRY(list_at(json, "access_keys", where))) {
    const std::string key_where = concat(where, ".access_keys");
    TRY_STATUS(check_members(*key, key_where, {"access_key_id", "secret_access_key"}));
    user.access_keys.push_back(TRY(read_key(*key, key_where)));
  }
  user.password = TRY(secret_at(json, "password", where));
  return user;
}

Status read_root(const Json& json, std::string_view where, BootstrapAccount& account) {
  TRY_STATUS(check_members(
      json, where, {"access_key_id", "secret_access_key", "password", "access_keys"}));
  BootstrapKey key = TRY(read_key(json, where));
  if (!key.access_key_id.empty()) {
    account.root_keys.push_back(std::move(key));
  }
  for (const Json* item : TRY(list_at(json, "access_keys", where))) {
    account.root_keys.push_back(TRY(read_key(*item, concat(where, ".access_keys"))));
  }
  account.root_password = TRY(secret_at(json, "password", where));
  return {};
}

// The members that make an account one of an organization.
Status read_org(const Json& json, std::string_view where, BootstrapAccount& account) {
  const Json* organization = json.find("organization");
  const Json* scps = json.find("scps");
  const Json* rcps = json.find("rcps");
  if (organization == nullptr && scps == nullptr && rcps == nullptr) {
    return {};
  }
  identity::OrgPolicies& org = account.org.emplace();
  const std::string place = concat("bootstrap file: ", where);
  if (organization != nullptr) {
    TRY_STATUS(read_organization(*organization, concat(place, ".organization"), org));
  }
  if (scps != nullptr) {
    org.scps = TRY(read_levels(*scps, OrgPolicyKind::Scp, concat(place, ".scps")));
  }
  if (rcps != nullptr) {
    org.rcps = TRY(read_levels(*rcps, OrgPolicyKind::Rcp, concat(place, ".rcps")));
  }
  return {};
}

Result<BootstrapAccount> read_account(const Json& json, std::string_view where) {
  TRY_STATUS(check_members(json,
                           where,
                           {"id",
                            "name",
                            "alias",
                            "email",
                            "canonical_user_id",
                            "root",
                            "users",
                            "organization",
                            "scps",
                            "rcps"}));
  BootstrapAccount account;
  account.id = TRY(text_at(json, "id", where));
  if (!model::is_account_id(account.id)) {
    return bad(concat(where, ".id"), "expected 12 digits in quotes");
  }
  account.name = TRY(text_at(json, "name", where));
  account.alias = TRY(text_at(json, "alias", where));
  account.email = TRY(text_at(json, "email", where));
  account.canonical_user_id = TRY(text_at(json, "canonical_user_id", where));
  if (const Json* root = json.find("root"); root != nullptr && !root->is_null()) {
    TRY_STATUS(read_root(*root, concat(where, ".root"), account));
  }
  TRY_STATUS(read_org(json, where, account));
  std::size_t index = 0;
  for (const Json* user : TRY(list_at(json, "users", where))) {
    account.users.push_back(
        TRY(read_user(*user, concat(where, ".users[", std::to_string(index++), "]"))));
  }
  return account;
}

}  // namespace

Result<identity::BootstrapSpec> parse_bootstrap(std::string_view text) {
  std::string reason;
  const std::optional<Json> json = Json::parse(text, &reason);
  if (!json) {
    return bad("the document", reason);
  }
  TRY_STATUS(check_members(*json, "the document", {"accounts"}));
  identity::BootstrapSpec spec;
  std::size_t index = 0;
  for (const Json* account : TRY(list_at(*json, "accounts", "the document"))) {
    spec.accounts.push_back(
        TRY(read_account(*account, concat("accounts[", std::to_string(index++), "]"))));
  }
  if (spec.accounts.empty()) {
    return bad("accounts", "expected at least one account");
  }
  return spec;
}

Result<identity::BootstrapSpec> read_bootstrap_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return bad(path, "cannot be opened");
  }
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return parse_bootstrap(text);
}

}  // namespace signet::server
