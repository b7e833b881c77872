#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "iam/allowed_services.h"
#include "iam/checks.h"
#include "iam/paging.h"
#include "iam/policy_source.h"
#include "policy_engine/compiled.h"

namespace signet::iam {

namespace {

using Source = identity::AppliedPolicy::Source;

PolicyGrantingServiceAccess inline_policy(const identity::AppliedPolicy& applied,
                                          std::string_view kind,
                                          const std::string& owner) {
  return {.policy_name = applied.id,
          .policy_type = "INLINE",
          .policy_arn = {},
          .entity_type = std::string(kind),
          .entity_name = owner};
}

PolicyGrantingServiceAccess shown(const identity::AppliedPolicy& applied,
                                  const PolicySource& source,
                                  const identity::Snapshot& snapshot) {
  switch (applied.source) {
    case Source::UserInline:
      return inline_policy(applied, "USER", source.user->name);
    case Source::RoleInline:
      return inline_policy(applied, "ROLE", source.role->name);
    case Source::GroupInline:
      return inline_policy(applied, "GROUP", applied.group->name);
    default:
      return {.policy_name = label_of(snapshot, applied.id).name,
              .policy_type = "MANAGED",
              .policy_arn = applied.id,
              .entity_type = {},
              .entity_name = {}};
  }
}

// A policy that cannot be read grants nothing.
bool grants(const identity::AppliedPolicy& applied, std::string_view service) {
  return applied.document != nullptr && applied.document->policy() != nullptr &&
         allows_service(policy::document_of(*applied.document->policy()), service);
}

// Those of the policies that let the entity use the service; one that comes over several ways once.
std::vector<PolicyGrantingServiceAccess> granting(
    const std::vector<identity::AppliedPolicy>& policies,
    const PolicySource& source,
    const identity::Snapshot& snapshot,
    std::string_view service) {
  std::vector<PolicyGrantingServiceAccess> found;
  for (const identity::AppliedPolicy& applied : policies) {
    if (!grants(applied, service)) {
      continue;
    }
    PolicyGrantingServiceAccess one = shown(applied, source, snapshot);
    const bool is_told = one.policy_arn && std::ranges::any_of(found, [&](const auto& other) {
                           return other.policy_arn == one.policy_arn;
                         });
    if (!is_told) {
      found.push_back(std::move(one));
    }
  }
  return found;
}

// In the order of the request, each once.
std::vector<std::string> distinct(const std::vector<std::string>& names) {
  std::vector<std::string> kept;
  for (const std::string& name : names) {
    if (std::ranges::find(kept, name) == kept.end()) {
      kept.push_back(name);
    }
  }
  return kept;
}

}  // namespace

// ListPoliciesGrantingServiceAccess

Result<api::CheckList> checks(const ListPoliciesGrantingServiceAccessRequest& request,
                              const api::CheckContext& context) {
  return policy_source_checks(action_of(request), request.arn, context);
}

// Pages are of services: a marker holds the number of the last one sent, and is bound to the names
// in the request.
Result<ListPoliciesGrantingServiceAccessResponse> handle(
    const api::Authorized&,
    const ListPoliciesGrantingServiceAccessRequest& request,
    api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const PolicySource source =
      TRY(find_policy_source(snapshot, context.caller.account, request.arn));
  const std::vector<std::string> services = distinct(request.service_namespaces);
  std::string names = concat(request.arn, "\n");
  for (const std::string& service : services) {
    names += concat(service, "\n");
  }
  const PageQuery query =
      TRY(read_page(list_scope("ListPoliciesGrantingServiceAccess", context.caller.account, names),
                    request.marker,
                    std::nullopt));
  const std::vector<identity::AppliedPolicy> policies = source.policies(snapshot);
  auto page = page_of_numbered(services.size(), query, [&](std::size_t at) {
    return ListPoliciesGrantingServiceAccessEntry{
        .service_namespace = services[at],
        .policies = granting(policies, source, snapshot, services[at])};
  });
  ListPoliciesGrantingServiceAccessResponse response;
  set_position(response, page);
  response.policies_granting_service_access = std::move(page.items);
  return response;
}

}  // namespace signet::iam
