#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "crypto/uuid.h"
#include "facts/quotas.h"
#include "iam/checks.h"
#include "iam/delegation.h"
#include "iam/listing.h"
#include "iam/names.h"
#include "iam/permission_cover.h"
#include "iam/policy_summary.h"
#include "iam/quotas.h"
#include "iam/template_text.h"
#include "policy_language/size.h"
#include "policy_writing/validate.h"
#include "token/opaque.h"

// Delegation requests (new-in-2026 3): a partner asks for temporary access to another account.
namespace signet::iam {

namespace {

using identity::DelegationApprover;
using identity::DelegationState;
using Kept = identity::DelegationRequest;  // DelegationRequest is the one on the wire

// The owner of a request has these without a policy that allows them; a policy may still deny them.
enum class OwnerMay : std::uint8_t { ByDefault, ByPolicies };

// On a request. One that the account cannot know of is decided on by the ARN that it would have, so
// that refusals tell nothing.
api::Check request_check(std::string action,
                         const api::CheckContext& context,
                         const std::string& id,
                         Unowned unowned,
                         OwnerMay owner_may) {
  const model::Caller& caller = context.caller;
  const Kept* request = find_delegation(context.snapshot, caller.account, id, unowned);
  api::Check check;
  check.action = std::move(action);
  check.resource = delegation_arn(caller.account, id);
  check.wording.resource = check.resource;
  if (request == nullptr || request->owner_arn.empty()) {
    return check;
  }
  add_key(check, "iam:DelegationRequestOwner", request->owner_arn);
  if (owner_may == OwnerMay::ByDefault && is_owner(*request, caller)) {
    check.grant = authz::Grant::ByAccount;
  }
  return check;
}

template <class Request>
Result<api::CheckList> checks_on_request(const Request& request,
                                         const api::CheckContext& context,
                                         Unowned unowned,
                                         OwnerMay owner_may) {
  return one_check(request_check(
      action_of(request), context, request.delegation_request_id, unowned, owner_may));
}

Result<const Kept*> require_request(const api::HandlerContext& context,
                                    const std::string& id,
                                    Unowned unowned) {
  const Kept* request = find_delegation(context.snapshot, context.caller.account, id, unowned);
  if (request == nullptr) {
    return delegation_request_not_found(id);
  }
  return request;
}

// A copy of a request that is in one of these states, for changing.
Result<Kept> copy_in_state(const api::HandlerContext& context,
                           const std::string& id,
                           Unowned unowned,
                           std::initializer_list<DelegationState> wanted) {
  const Kept* request = TRY(require_request(context, id, unowned));
  const DelegationState state = state_at(*request, context.request.now);
  if (std::ranges::find(wanted, state) == wanted.end()) {
    return delegation_state_unfit(id, name_of(state));
  }
  return *request;
}

void move_to(Kept request, DelegationState state, const api::HandlerContext& context) {
  enter_state(request, state, context.request.now, context.deps.random, *context.transaction);
  context.transaction->put(std::move(request));
}

}  // namespace

// CreateDelegationRequest

Result<api::CheckList> checks(const CreateDelegationRequestRequest& request,
                              const api::CheckContext& context) {
  api::Check check;
  check.action = action_of(request);
  check.resource = delegation_arn(context.caller.account, "*");
  check.wording.resource = check.resource;
  add_key(check, "iam:DelegationDuration", std::to_string(request.session_duration));
  add_key(check, "iam:NotificationChannel", request.notification_channel);
  if (request.permissions.policy_template_arn) {
    add_key(check, "iam:TemplateArn", *request.permissions.policy_template_arn);
  }
  return one_check(std::move(check));
}

namespace {

// The template, if it is registered for the caller's account.
Result<const identity::PolicyTemplate*> require_template(const DelegationPermission& permissions,
                                                         const api::HandlerContext& context) {
  const std::string arn = permissions.policy_template_arn.value_or("");
  const identity::PolicyTemplate* found =
      context.deps.templates != nullptr ? context.deps.templates->find_policy(arn) : nullptr;
  if (found == nullptr || found->requestor != context.caller.account) {
    return policy_template_not_registered(arn);
  }
  return found;
}

// One value for each parameter of the template, and no other.
Result<TemplateValues> delegated_values(const identity::PolicyTemplate& from,
                                        const std::vector<PolicyParameter>& given) {
  TemplateValues values;
  for (const identity::TemplateParameter& parameter : from.parameters) {
    const auto found = std::ranges::find(given, parameter.name, &PolicyParameter::name);
    if (found == given.end()) {
      if (parameter.default_value) {
        values.push_back({.name = parameter.name,
                          .is_list = identity::is_list(parameter.type),
                          .values = {*parameter.default_value}});
      } else if (parameter.is_required) {
        return template_value_missing(parameter.name);
      }
      continue;
    }
    const bool is_list = identity::is_list(parameter.type);
    const bool has_type = !found->type || *found->type == (is_list ? "stringList" : "string");
    if (!has_type) {
      return template_value_form_invalid(parameter.name);
    }
    TRY_STATUS(check_values(parameter, found->values));
    values.push_back({.name = parameter.name, .is_list = is_list, .values = found->values});
  }
  return values;
}

Status require_known(const identity::PolicyTemplate& from,
                     const std::vector<PolicyParameter>& given) {
  for (const PolicyParameter& parameter : given) {
    const std::string name = parameter.name.value_or("");
    if (std::ranges::find(from.parameters, name, &identity::TemplateParameter::name) ==
        from.parameters.end()) {
      return template_parameter_unknown(name);
    }
    if (std::ranges::count(given, parameter.name, &PolicyParameter::name) != 1) {
      return template_value_form_invalid(name);
    }
  }
  return {};
}

// The policy that the template makes. It becomes a layer of sessions, so it is held to what session
// policies are.
Result<std::string> rendered_policy(const identity::PolicyTemplate& from,
                                    const std::vector<PolicyParameter>& given) {
  TRY_STATUS(require_known(from, given));
  const TemplateValues values = TRY(delegated_values(from, given));
  std::string text = TRY(fill_document(from.document, values));
  const auto valid = policy::validate(text, {.profile = policy::Profile::Session});
  if (!valid || utf8_length(text) > facts::kSessionPolicyMax) {
    return rendered_policy_invalid(facts::kSessionPolicyMax);
  }
  return text;
}

// An SNS topic of the caller's own account.
bool is_own_topic(std::string_view channel, std::string_view account) {
  const auto parts = model::split_arn(channel);
  return parts && parts->service == "sns" && !parts->partition.empty() && !parts->region.empty() &&
         parts->account == account && !parts->resource.empty() &&
         parts->resource.find(':') == std::string_view::npos;
}

std::vector<identity::DelegationParameter> to_kept(const std::vector<PolicyParameter>& given) {
  std::vector<identity::DelegationParameter> parameters;
  for (const PolicyParameter& parameter : given) {
    parameters.push_back({.name = parameter.name.value_or(""),
                          .values = parameter.values,
                          .is_list = parameter.type == "stringList"});
  }
  return parameters;
}

}  // namespace

// AWS-DIFF: no ConsoleDeepLink is answered, since there is no page behind it here
// (Delegations.AreMadeFromARegisteredTemplate).
Result<CreateDelegationRequestResponse> handle(const api::Authorized&,
                                               const CreateDelegationRequestRequest& request,
                                               api::HandlerContext& context) {
  const identity::Snapshot& snapshot = context.snapshot;
  const std::string& account = context.caller.account;
  const identity::PolicyTemplate* from = TRY(require_template(request.permissions, context));
  if (!is_own_topic(request.notification_channel, account)) {
    return notification_channel_invalid(request.notification_channel);
  }
  const auto& table = snapshot.index<identity::DelegationsByWorkflow>(account);
  if (table.find(request.requestor_workflow_id) != nullptr) {
    return delegation_workflow_exists(request.requestor_workflow_id);
  }
  TRY_STATUS(require_room(snapshot, account, Quota::DelegationRequestsPerAccount, table.size()));
  Kept made;
  made.account = account;
  made.policy =
      identity::make_document(TRY(rendered_policy(*from, request.permissions.parameters)));
  made.id = crypto::uuid_v4(context.deps.random);
  made.workflow = request.requestor_workflow_id;
  made.requestor_name = from->requestor_name;
  made.owner_account = request.owner_account_id.value_or("");
  made.created = context.request.now;
  made.description = request.description;
  made.message = request.request_message.value_or("");
  made.template_arn = from->arn;
  made.parameters = to_kept(request.permissions.parameters);
  made.role_boundaries = from->role_boundaries;
  made.session_seconds = static_cast<std::uint32_t>(request.session_duration);
  made.redirect_url = request.redirect_url.value_or("");
  made.channel = request.notification_channel;
  made.is_sent_by_owner_only = request.only_send_by_owner.value_or(false);
  CreateDelegationRequestResponse response{.delegation_request_id = made.id};
  move_to(std::move(made), DelegationState::Unassigned, context);
  return response;
}

// AssociateDelegationRequest

Result<api::CheckList> checks(const AssociateDelegationRequestRequest& request,
                              const api::CheckContext& context) {
  return checks_on_request(request, context, Unowned::Shown, OwnerMay::ByPolicies);
}

Result<AssociateDelegationRequestResponse> handle(const api::Authorized&,
                                                  const AssociateDelegationRequestRequest& request,
                                                  api::HandlerContext& context) {
  Kept changed = TRY(copy_in_state(
      context, request.delegation_request_id, Unowned::Shown, {DelegationState::Unassigned}));
  changed.owner_account = context.caller.account;
  changed.owner_arn = context.caller.arn;
  changed.owner_id = context.caller.principal_id;
  move_to(std::move(changed), DelegationState::Assigned, context);
  return AssociateDelegationRequestResponse{};
}

// AcceptDelegationRequest

Result<api::CheckList> checks(const AcceptDelegationRequestRequest& request,
                              const api::CheckContext& context) {
  return checks_on_request(request, context, Unowned::Hidden, OwnerMay::ByPolicies);
}

namespace {

DelegationApprover approver_of(const model::Caller& caller, Instant now) {
  DelegationApprover approver;
  approver.arn = caller.arn;
  approver.principal_id = caller.principal_id;
  approver.accepted = now;
  if (caller.session) {
    const model::Session& session = *caller.session;
    approver.session_name = session.session_name;
    approver.tags = session.tags;
    approver.transitive_keys = session.transitive_keys;
    approver.source_identity = session.source_identity;
    approver.federated_provider = session.federated_provider;
    approver.claims = session.claims;
    approver.policy = session.policy;
    approver.policy_arns = session.policy_arns;
    approver.has_session_policy = session.has_session_policy;
    approver.scope_policies = session.scope_policies;
  }
  return approver;
}

}  // namespace

// AWS-DIFF: sessions of AssumeRoot may not accept, since what limits them cannot be handed on
// (Delegations.AreAcceptedByUsersRolesAndRoot).
Result<AcceptDelegationRequestResponse> handle(const api::Authorized&,
                                               const AcceptDelegationRequestRequest& request,
                                               api::HandlerContext& context) {
  const model::Caller& caller = context.caller;
  Kept changed = TRY(copy_in_state(context,
                                   request.delegation_request_id,
                                   Unowned::Hidden,
                                   {DelegationState::Assigned, DelegationState::PendingApproval}));
  const bool is_root = caller.kind == model::CallerKind::Root;
  if (caller.kind == model::CallerKind::FederatedUser || is_assumed_root(caller)) {
    return delegation_approver_unfit();
  }
  if (is_root && changed.session_seconds > facts::kRootDelegationSecondsMax) {
    return delegation_too_long_for_root(facts::kRootDelegationSecondsMax);
  }
  changed.approver = approver_of(caller, context.request.now);
  move_to(std::move(changed), DelegationState::Accepted, context);
  return AcceptDelegationRequestResponse{};
}

// RejectDelegationRequest

Result<api::CheckList> checks(const RejectDelegationRequestRequest& request,
                              const api::CheckContext& context) {
  return checks_on_request(request, context, Unowned::Hidden, OwnerMay::ByPolicies);
}

Result<RejectDelegationRequestResponse> handle(const api::Authorized&,
                                               const RejectDelegationRequestRequest& request,
                                               api::HandlerContext& context) {
  Kept changed = TRY(copy_in_state(
      context,
      request.delegation_request_id,
      Unowned::Hidden,
      {DelegationState::Assigned, DelegationState::PendingApproval, DelegationState::Accepted}));
  changed.rejection_reason = request.notes.value_or("");
  changed.approver.reset();
  move_to(std::move(changed), DelegationState::Rejected, context);
  return RejectDelegationRequestResponse{};
}

// UpdateDelegationRequest

Result<api::CheckList> checks(const UpdateDelegationRequestRequest& request,
                              const api::CheckContext& context) {
  return checks_on_request(request, context, Unowned::Hidden, OwnerMay::ByDefault);
}

Result<UpdateDelegationRequestResponse> handle(const api::Authorized&,
                                               const UpdateDelegationRequestRequest& request,
                                               api::HandlerContext& context) {
  Kept changed = TRY(copy_in_state(context,
                                   request.delegation_request_id,
                                   Unowned::Hidden,
                                   {DelegationState::Assigned, DelegationState::PendingApproval}));
  if (request.notes) {
    changed.notes = *request.notes;
  }
  move_to(std::move(changed), DelegationState::PendingApproval, context);
  return UpdateDelegationRequestResponse{};
}

// SendDelegationToken

Result<api::CheckList> checks(const SendDelegationTokenRequest& request,
                              const api::CheckContext& context) {
  return checks_on_request(request, context, Unowned::Hidden, OwnerMay::ByPolicies);
}

// The token goes nowhere but into the notification; what is kept is its hash.
Result<SendDelegationTokenResponse> handle(const api::Authorized&,
                                           const SendDelegationTokenRequest& request,
                                           api::HandlerContext& context) {
  Kept changed = TRY(copy_in_state(
      context, request.delegation_request_id, Unowned::Hidden, {DelegationState::Accepted}));
  if (changed.is_sent_by_owner_only && !is_owner(changed, context.caller)) {
    return delegation_sent_by_owner_only();
  }
  const Instant now = context.request.now;
  Random& random = context.deps.random;
  const token::OpaqueToken secret = token::make_opaque_token(random);
  changed.token_hash = secret.hash;
  changed.released = now;
  enter_state(changed, DelegationState::Finalized, now, random, *context.transaction);
  tell_exchange_token(changed,
                      token::exchange_token_text(changed.id, secret),
                      now.plus_seconds(changed.session_seconds),
                      random,
                      *context.transaction);
  context.transaction->put(std::move(changed));
  return SendDelegationTokenResponse{};
}

// GetDelegationRequest

Result<api::CheckList> checks(const GetDelegationRequestRequest& request,
                              const api::CheckContext& context) {
  return checks_on_request(request, context, Unowned::Shown, OwnerMay::ByDefault);
}

namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

DelegationPermission show_permissions(const Kept& request) {
  DelegationPermission shown{.policy_template_arn = request.template_arn};
  for (const identity::DelegationParameter& parameter : request.parameters) {
    shown.parameters.push_back({.name = parameter.name,
                                .values = parameter.values,
                                .type = parameter.is_list ? "stringList" : "string"});
  }
  return shown;
}

// Never the exchange token, nor anything of it.
DelegationRequest show(const Kept& request, Instant now) {
  DelegationRequest shown;
  shown.delegation_request_id = request.id;
  shown.owner_account_id = unless_empty(request.owner_account);
  shown.description = request.description;
  shown.request_message = unless_empty(request.message);
  shown.permissions = show_permissions(request);
  shown.permission_policy = request.policy->text();
  if (!request.role_boundaries.empty()) {
    shown.role_permission_restriction_arns = request.role_boundaries;
  }
  shown.owner_id = unless_empty(request.owner_arn);
  if (request.approver) {
    shown.approver_id = request.approver->arn;
  }
  shown.state = name_of(state_at(request, now));
  shown.expiration_time = request.expires;
  shown.requestor_id = request.account;
  shown.requestor_name = unless_empty(request.requestor_name);
  shown.create_date = request.created;
  shown.session_duration = request.session_seconds;
  shown.redirect_url = unless_empty(request.redirect_url);
  shown.notes = unless_empty(request.notes);
  shown.rejection_reason = unless_empty(request.rejection_reason);
  shown.only_send_by_owner = request.is_sent_by_owner_only;
  shown.updated_time = request.updated;
  return shown;
}

std::string_view name_of_result(Cover cover) {
  switch (cover) {
    case Cover::Yes:
      return "ALLOWED";
    case Cover::No:
      return "DENIED";
    case Cover::Unsure:
      break;
  }
  return "UNSURE";
}

}  // namespace

Result<GetDelegationRequestResponse> handle(const api::Authorized&,
                                            const GetDelegationRequestRequest& request,
                                            api::HandlerContext& context) {
  const Kept* found = TRY(require_request(context, request.delegation_request_id, Unowned::Shown));
  GetDelegationRequestResponse response;
  response.delegation_request = show(*found, context.request.now);
  if (request.delegation_permission_check.value_or(false)) {
    response.permission_check_status = "COMPLETE";
    response.permission_check_result = name_of_result(cover_of(
        {.snapshot = context.snapshot, .caller = context.caller, .request = context.request},
        *found->policy));
  }
  return response;
}

// ListDelegationRequests

Result<api::CheckList> checks(const ListDelegationRequestsRequest& request,
                              const api::CheckContext& /*context*/) {
  api::Check check = account_check(action_of(request));
  if (request.owner_id) {
    add_key(check, "iam:DelegationRequestOwner", *request.owner_id);
  }
  return one_check(std::move(check));
}

// Of the caller's account alone, whatever OwnerId says.
Result<ListDelegationRequestsResponse> handle(const api::Authorized&,
                                              const ListDelegationRequestsRequest& request,
                                              api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const std::string owner = request.owner_id.value_or("");
  const PageQuery query = TRY(page_query(request, context, owner));
  Page<const Kept*> page = page_of(context.snapshot.delegations_of(account, owner),
                                   query,
                                   [](const Kept* one) { return one->id; });
  ListDelegationRequestsResponse response;
  set_position(response, page);
  std::vector<DelegationRequest> shown;
  for (const Kept* one : page.items) {
    shown.push_back(show(*one, context.request.now));
  }
  response.delegation_requests = std::move(shown);
  return response;
}

// GetHumanReadableSummary

namespace {

// The id in the ARN of a request.
std::string_view id_of_arn(std::string_view arn) {
  constexpr std::string_view kPrefix = "delegation-request/";
  const auto parts = model::split_arn(arn);
  const bool is_request = parts && parts->service == "iam" &&
                          model::is_account_id(parts->account) &&
                          parts->resource.starts_with(kPrefix);
  return is_request ? parts->resource.substr(kPrefix.size()) : std::string_view();
}

// The request that an ARN names, if the account in it is the one that the request is for.
const Kept* find_by_arn(const identity::Snapshot& snapshot,
                        std::string_view account,
                        std::string_view arn) {
  const Kept* found = find_delegation(snapshot, account, id_of_arn(arn), Unowned::Shown);
  const auto parts = model::split_arn(arn);
  const bool is_named =
      found != nullptr && (found->owner_account.empty() || found->owner_account == parts->account);
  return is_named ? found : nullptr;
}

}  // namespace

Result<api::CheckList> checks(const GetHumanReadableSummaryRequest& request,
                              const api::CheckContext& context) {
  const std::string_view id = id_of_arn(request.entity_arn);
  if (id.empty()) {
    return summary_entity_invalid(request.entity_arn);
  }
  return one_check(request_check(
      action_of(request), context, std::string(id), Unowned::Shown, OwnerMay::ByDefault));
}

// AWS-DIFF: AWS's summaries are written by a language model, in the languages of its console;
// Signet's are made from the statements of the policy, in English, German, Japanese and Chinese,
// and are there at once (Delegations.AreSummarizedInWords).
Result<GetHumanReadableSummaryResponse> handle(const api::Authorized&,
                                               const GetHumanReadableSummaryRequest& request,
                                               api::HandlerContext& context) {
  const Kept* found = find_by_arn(context.snapshot, context.caller.account, request.entity_arn);
  if (found == nullptr) {
    return delegation_request_not_found(id_of_arn(request.entity_arn));
  }
  GetHumanReadableSummaryResponse response;
  response.locale = request.locale.value_or("en");
  const auto language = facts::language_of(*response.locale);
  response.summary_state = language ? "AVAILABLE" : "NOT_SUPPORTED";
  response.summary_content = language ? delegation_summary(*found, *language) : std::string();
  return response;
}

}  // namespace signet::iam
