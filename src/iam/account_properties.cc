#include <algorithm>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "iam/checks.h"
#include "iam/names.h"
#include "iam/service_linked_roles.h"

// Account-wide settings of IAM's features by "Namespace/Property" (new-in-2026 5).
namespace signet::iam {

namespace {

constexpr std::string_view kNamespace = "RoleManager";
constexpr std::string_view kEnabled = "RoleManager/Enabled";
constexpr std::string_view kRoleManager = "role-manager.iam.amazonaws.com";

using Properties = std::vector<std::pair<std::string, std::string>>;

std::string_view namespace_of(std::string_view key) {
  return key.substr(0, key.find('/'));
}

// A '/', neither first nor last. Of a second one AWS says that the property is missing.
bool is_property_key(std::string_view key) {
  const std::size_t slash = key.find('/');
  return slash != std::string_view::npos && slash != 0 && !key.ends_with('/');
}

const std::string* find_value(const Properties& properties, std::string_view key) {
  const auto found = std::ranges::find(
      properties, key, [](const auto& entry) { return std::string_view(entry.first); });
  return found == properties.end() ? nullptr : &found->second;
}

// Which namespaces a call is about, each once.
authz::ContextEntry namespaces_key(std::vector<std::string> namespaces) {
  std::ranges::sort(namespaces);
  const auto repeated = std::ranges::unique(namespaces);
  namespaces.erase(repeated.begin(), repeated.end());
  return {.key = "iam:AccountPropertyNamespaces", .values = std::move(namespaces), .is_list = true};
}

bool is_turned_on(const PutAccountPropertiesRequest& request) {
  const std::string* value = find_value(request.properties, kEnabled);
  return value != nullptr && *value == "true";
}

Status check_keys(const Properties& properties) {
  for (const auto& [key, value] : properties) {
    if (!is_property_key(key)) {
      return account_property_key_invalid(key);
    }
  }
  const std::string_view first = namespace_of(properties.front().first);
  const bool is_one = std::ranges::all_of(
      properties, [first](const auto& entry) { return namespace_of(entry.first) == first; });
  if (!is_one) {
    return account_property_namespaces_mixed();
  }
  return first == kNamespace ? Status() : Status(account_property_namespace_unknown(first));
}

// "true" or "false". Other properties of the namespace are taken and dropped (new-in-2026 5).
Result<std::string> enabled_of(const Properties& properties) {
  TRY_STATUS(check_keys(properties));
  const std::string* enabled = find_value(properties, kEnabled);
  if (enabled == nullptr) {
    return account_property_enabled_missing();
  }
  if (*enabled != "true" && *enabled != "false") {
    return account_property_enabled_invalid();
  }
  return *enabled;
}

}  // namespace

// GetAccountProperties

Result<api::CheckList> checks(const GetAccountPropertiesRequest& request,
                              const api::CheckContext& /*context*/) {
  api::Check check = account_check(action_of(request));
  check.context.push_back(namespaces_key({std::string(kNamespace)}));
  return one_check(std::move(check));
}

Result<GetAccountPropertiesResponse> handle(const api::Authorized&,
                                            const GetAccountPropertiesRequest&,
                                            api::HandlerContext& context) {
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  const auto stored =
      std::ranges::find(account->properties, kEnabled, [](const identity::Tag& tag) {
        return std::string_view(tag.key);
      });
  // Shown also where it was never set.
  GetAccountPropertiesResponse response;
  response.properties.emplace().emplace_back(
      kEnabled, stored != account->properties.end() ? stored->value : "false");
  return response;
}

// PutAccountProperties

Result<api::CheckList> checks(const PutAccountPropertiesRequest& request,
                              const api::CheckContext& context) {
  std::vector<std::string> namespaces;
  for (const auto& [key, value] : request.properties) {
    namespaces.emplace_back(namespace_of(key));
  }
  api::Check check = account_check(action_of(request));
  check.context.push_back(namespaces_key(std::move(namespaces)));
  api::CheckList list = one_check(std::move(check));
  if (is_turned_on(request)) {
    // Role manager makes roles in the account's name, so who turns it on must be allowed to make
    // its service-linked role, also where that exists (new-in-2026 5).
    list.push_back(service_linked_role_check(
        context, {.service = kRoleManager, .suffix = {}, .description = {}}));
  }
  return list;
}

Result<PutAccountPropertiesResponse> handle(const api::Authorized&,
                                            const PutAccountPropertiesRequest& request,
                                            api::HandlerContext& context) {
  const identity::Account* account = TRY(require_account(context.snapshot, context.caller.account));
  const std::string enabled = TRY(enabled_of(request.properties));
  if (enabled == "true") {
    TRY_STATUS(ensure_service_linked_role(context, kRoleManager));
  }
  identity::Account changed = *account;
  changed.properties = {{.key = std::string(kEnabled), .value = enabled}};
  context.transaction->put(std::move(changed));
  return PutAccountPropertiesResponse{};
}

}  // namespace signet::iam
