#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "iam/checks.h"
#include "iam/listing.h"
#include "iam/simulator.h"

namespace signet::iam {

namespace {

Status check_actions(const std::vector<std::string>& actions) {
  for (const std::string& action : actions) {
    const std::size_t colon = action.find(':');
    const bool is_name = colon != std::string::npos && colon > 0 && colon + 1 < action.size() &&
                         action.find_first_of("*?") == std::string::npos;
    if (!is_name) {
      return invalid_simulated_action(action);
    }
  }
  return {};
}

Status check_resources(const std::vector<std::string>& resources) {
  for (const std::string& resource : resources) {
    if (resource != "*" && !model::split_arn(resource)) {
      return invalid_simulated_resource(resource);
    }
  }
  return {};
}

// EC2's scenarios are accepted as AWS names them; they do not change a decision here.
Status check_handling(const std::optional<std::string>& option) {
  constexpr std::array<std::string_view, 4> kOptions = {
      "EC2-VPC-InstanceStore", "EC2-VPC-InstanceStore-Subnet", "EC2-VPC-EBS", "EC2-VPC-EBS-Subnet"};
  if (option && std::find(kOptions.begin(), kOptions.end(), *option) == kOptions.end()) {
    return invalid_resource_handling(*option);
  }
  return {};
}

Position wire_position(const policy::Position& at) {
  // AWS names the place behind the brace that begins a statement, and behind the one that ends it
  // (recorded 2025).
  return {.line = at.line, .column = at.column + 1};
}

std::vector<Statement> wire_statements(const std::vector<policy::MatchedStatement>& matched) {
  std::vector<Statement> shown;
  shown.reserve(matched.size());
  for (const policy::MatchedStatement& statement : matched) {
    shown.push_back({.source_policy_id = statement.source_policy_id,
                     .source_policy_type = statement.source_policy_type,
                     .start_position = wire_position(statement.start),
                     .end_position = wire_position(statement.end)});
  }
  return shown;
}

std::optional<PermissionsBoundaryDecisionDetail> boundary_detail(
    const policy::SimulationResult& result) {
  if (!result.allowed_by_boundary) {
    return std::nullopt;
  }
  return PermissionsBoundaryDecisionDetail{.allowed_by_permissions_boundary =
                                               result.allowed_by_boundary};
}

// Nothing for every resource of the own account, and when the organization has ended the
// simulation; empty within an account (API model, EvaluationResult).
std::optional<std::vector<std::pair<std::string, std::string>>> decision_details(
    const policy::SimulationResult& result, bool names_resource) {
  const bool is_told = names_resource || !result.decision_details.empty();
  if (!is_told || !result.allowed_by_organizations.value_or(true)) {
    return std::nullopt;
  }
  return result.decision_details;
}

EvaluationResult shown_result(const policy::SimulationResult& result, bool names_resource) {
  EvaluationResult shown;
  shown.eval_action_name = result.action;
  shown.eval_resource_name = result.resource;
  shown.eval_decision = result.decision;
  shown.matched_statements = wire_statements(result.matched_statements);
  shown.missing_context_values = result.missing_context_values;
  shown.eval_decision_details = decision_details(result, names_resource);
  shown.permissions_boundary_decision_detail = boundary_detail(result);
  if (result.allowed_by_organizations) {
    shown.organizations_decision_detail =
        OrganizationsDecisionDetail{.allowed_by_organizations = result.allowed_by_organizations};
  }
  std::vector<ResourceSpecificResult>& specific = shown.resource_specific_results.emplace();
  if (names_resource) {
    // Left out where it would be empty, other than above (recorded 2025).
    const bool has_details = shown.eval_decision_details && !shown.eval_decision_details->empty();
    const auto details = has_details ? shown.eval_decision_details : std::nullopt;
    specific.push_back({.eval_resource_name = result.resource,
                        .eval_resource_decision = result.decision,
                        .matched_statements = shown.matched_statements,
                        .missing_context_values = shown.missing_context_values,
                        .eval_decision_details = details,
                        .permissions_boundary_decision_detail = boundary_detail(result)});
  }
  return shown;
}

// Only SimulateCustomPolicy brings an organization's policies; an entity has its own.
template <class Request>
const std::vector<OrderedOrganizationPolicyType>& organization_of(const Request& request) {
  static const std::vector<OrderedOrganizationPolicyType> kNone;
  if constexpr (requires { request.ordered_organization_policy_input_list; }) {
    return request.ordered_organization_policy_input_list;
  } else {
    return kNone;
  }
}

// The page of results that the request asks for. Pairs are numbered action by action; a marker
// holds the number of the last one sent, and is bound to the names in the request.
template <class Request>
Result<SimulatePolicyResponse> simulate_page(const Request& request,
                                             const api::HandlerContext& context,
                                             const SimulationSubject& subject) {
  TRY_STATUS(check_actions(request.action_names));
  TRY_STATUS(check_resources(request.resource_arns));
  TRY_STATUS(check_handling(request.resource_handling_option));
  const auto simulator =
      TRY(Simulator::make(subject,
                          {.policies = request.policy_input_list,
                           .boundaries = request.permissions_boundary_policy_input_list,
                           .resource_policy = request.resource_policy,
                           .resource_owner = request.resource_owner,
                           .caller_arn = request.caller_arn,
                           .context = request.context_entries,
                           .organization = organization_of(request)}));
  static const std::vector<std::string> kEverything = {"*"};
  const bool names_resources = !request.resource_arns.empty();
  const std::vector<std::string>& resources = names_resources ? request.resource_arns : kEverything;
  std::string names;
  for (const auto* list : {&request.action_names, &resources}) {
    for (const std::string& name : *list) {
      names += concat(name, "\n");
    }
  }
  const PageQuery query = TRY(page_query(request, context, names));
  const std::size_t total = request.action_names.size() * resources.size();
  auto page = page_of_numbered(total, query, [&](std::size_t at) {
    return shown_result(simulator->run(request.action_names[at / resources.size()],
                                       resources[at % resources.size()]),
                        names_resources);
  });
  SimulatePolicyResponse response;
  set_position(response, page);
  response.evaluation_results = std::move(page.items);
  return response;
}

}  // namespace

// SimulateCustomPolicy

Result<SimulatePolicyResponse> handle(const api::Authorized&,
                                      const SimulateCustomPolicyRequest& request,
                                      api::HandlerContext& context) {
  return simulate_page(
      request,
      context,
      {.snapshot = context.snapshot, .account = context.caller.account, .source = std::nullopt});
}

// SimulatePrincipalPolicy

Result<api::CheckList> checks(const SimulatePrincipalPolicyRequest& request,
                              const api::CheckContext& context) {
  return policy_source_checks(action_of(request), request.policy_source_arn, context);
}

Result<SimulatePolicyResponse> handle(const api::Authorized&,
                                      const SimulatePrincipalPolicyRequest& request,
                                      api::HandlerContext& context) {
  const PolicySource source =
      TRY(find_policy_source(context.snapshot, context.caller.account, request.policy_source_arn));
  return simulate_page(request,
                       context,
                       {.snapshot = context.snapshot,
                        .account = context.caller.account,
                        .source = source,
                        .exclusions = TRY(PolicyExclusions::read(request.policy_exclusion_list))});
}

// GetContextKeysForCustomPolicy

Result<GetContextKeysForPolicyResponse> handle(const api::Authorized&,
                                               const GetContextKeysForCustomPolicyRequest& request,
                                               api::HandlerContext&) {
  return GetContextKeysForPolicyResponse{.context_key_names =
                                             TRY(context_keys_of({}, request.policy_input_list))};
}

// GetContextKeysForPrincipalPolicy

Result<api::CheckList> checks(const GetContextKeysForPrincipalPolicyRequest& request,
                              const api::CheckContext& context) {
  return policy_source_checks(action_of(request), request.policy_source_arn, context);
}

Result<GetContextKeysForPolicyResponse> handle(
    const api::Authorized&,
    const GetContextKeysForPrincipalPolicyRequest& request,
    api::HandlerContext& context) {
  const PolicySource source =
      TRY(find_policy_source(context.snapshot, context.caller.account, request.policy_source_arn));
  return GetContextKeysForPolicyResponse{
      .context_key_names =
          TRY(context_keys_of(members_of(source, context.snapshot), request.policy_input_list))};
}

}  // namespace signet::iam
