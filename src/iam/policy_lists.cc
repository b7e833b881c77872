#include <algorithm>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "iam/checks.h"
#include "iam/listing.h"
#include "iam/views.h"

namespace signet::iam {

namespace {

using identity::ManagedPolicy;

constexpr std::string_view kAsPermissions = "PermissionsPolicy";
constexpr std::string_view kAsBoundary = "PermissionsBoundary";

// Whether ListPolicies shows a policy that is used like this.
bool is_wanted(const ListPoliciesRequest& request, const identity::PolicyUse& use) {
  if (request.policy_usage_filter == kAsBoundary) {
    return use.boundaries > 0;
  }
  if (request.policy_usage_filter == kAsPermissions || request.only_attached.value_or(false)) {
    return use.attachments > 0;
  }
  return true;
}

std::vector<const ManagedPolicy*> policies_in_scope(const identity::Snapshot& snapshot,
                                                    std::string_view account,
                                                    std::string_view scope) {
  std::vector<const ManagedPolicy*> found;
  if (scope != "AWS") {
    for (const auto& entry : snapshot.table<identity::ManagedPolicy>(account)) {
      found.push_back(entry.value.get());
    }
  }
  if (scope != "Local" && snapshot.catalogue() != nullptr) {
    const auto all = snapshot.catalogue()->all();
    found.insert(found.end(), all.begin(), all.end());
  }
  return found;
}

}  // namespace

// ListPolicies

Result<api::CheckList> checks(const ListPoliciesRequest& request, const api::CheckContext&) {
  return one_check(
      account_check(action_of(request), concat("policy path ", request.path_prefix.value_or("/"))));
}

Result<ListPoliciesResponse> handle(const api::Authorized&,
                                    const ListPoliciesRequest& request,
                                    api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const PageQuery query = TRY(page_query(request, context));
  const std::string prefix = request.path_prefix.value_or("/");
  std::vector<const ManagedPolicy*> found =
      policies_in_scope(snapshot, account, request.scope.value_or("All"));
  std::erase_if(found, [&](const ManagedPolicy* policy) {
    return !policy->path.starts_with(prefix) ||
           !is_wanted(request, snapshot.policy_use(account, identity::arn_of(*policy)));
  });
  // By name; one of AWS's may share its name with one of the account's.
  Page<const ManagedPolicy*> page =
      page_of(std::move(found), query, [](const ManagedPolicy* policy) {
        return concat(identity::fold_name(policy->name), "/", policy->account);
      });
  ListPoliciesResponse response;
  set_position(response, page);
  response.policies.emplace();
  for (const ManagedPolicy* policy : page.items) {
    response.policies->push_back(show(*policy, snapshot, account));
  }
  return response;
}

// ListEntitiesForPolicy

namespace {

std::string_view type_name(identity::PrincipalType type) {
  switch (type) {
    case identity::PrincipalType::User:
      return "User";
    case identity::PrincipalType::Group:
      return "Group";
    case identity::PrincipalType::Role:
      return "Role";
  }
  return "";
}

std::string_view path_of(const identity::PolicyEntity& entity) {
  if (entity.user != nullptr) {
    return entity.user->path;
  }
  return entity.group != nullptr ? std::string_view(entity.group->path)
                                 : std::string_view(entity.role->path);
}

// Kind, then name: unique once an entity that has the policy in both ways is counted once.
std::string key_of(const identity::PolicyEntity& entity) {
  const std::string_view name = entity.user != nullptr    ? std::string_view(entity.user->name)
                                : entity.group != nullptr ? std::string_view(entity.group->name)
                                                          : std::string_view(entity.role->name);
  return concat(type_name(entity.type), "/", identity::fold_name(name));
}

bool is_wanted(const ListEntitiesForPolicyRequest& request, const identity::PolicyEntity& entity) {
  // The filter's two policy kinds are accepted and match nothing (aws-wire 4.8).
  if (request.entity_filter && *request.entity_filter != type_name(entity.type)) {
    return false;
  }
  if (request.policy_usage_filter &&
      (*request.policy_usage_filter == kAsBoundary) != entity.is_boundary) {
    return false;
  }
  return path_of(entity).starts_with(request.path_prefix.value_or("/"));
}

template <class Item>
std::vector<Item>& list_in(std::optional<std::vector<Item>>& member) {
  return member ? *member : member.emplace();
}

void add_entity(ListEntitiesForPolicyResponse& response, const identity::PolicyEntity& entity) {
  if (entity.user != nullptr) {
    list_in(response.policy_users)
        .push_back({.user_name = entity.user->name, .user_id = entity.user->id});
  } else if (entity.group != nullptr) {
    list_in(response.policy_groups)
        .push_back({.group_name = entity.group->name, .group_id = entity.group->id});
  } else {
    list_in(response.policy_roles)
        .push_back({.role_name = entity.role->name, .role_id = entity.role->id});
  }
}

}  // namespace

Result<ListEntitiesForPolicyResponse> handle(const api::Authorized&,
                                             const ListEntitiesForPolicyRequest& request,
                                             api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  if (find_usable_policy(snapshot, account, request.policy_arn) == nullptr) {
    return policy_not_attachable(request.policy_arn);
  }
  const PageQuery query = TRY(page_query(request, context, request.policy_arn));
  std::vector<identity::PolicyEntity> entities =
      snapshot.entities_for_policy(account, request.policy_arn);
  std::erase_if(entities, [&](const auto& entity) { return !is_wanted(request, entity); });
  std::ranges::stable_sort(entities, {}, key_of);
  const auto doubles = std::ranges::unique(entities, {}, key_of);
  entities.erase(doubles.begin(), doubles.end());
  Page<identity::PolicyEntity> page = page_of(std::move(entities), query, key_of);
  ListEntitiesForPolicyResponse response;
  set_position(response, page);
  response.policy_users.emplace();
  response.policy_groups.emplace();
  response.policy_roles.emplace();
  for (const identity::PolicyEntity& entity : page.items) {
    add_entity(response, entity);
  }
  return response;
}

}  // namespace signet::iam
