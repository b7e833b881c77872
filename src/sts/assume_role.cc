#include <algorithm>
#include <utility>

#include "authn/key_rings.h"
#include "base/strings.h"
#include "facts/condition_key_ids.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/sts_sentences.h"
#include "model/arn.h"
#include "sts/credentials.h"
#include "sts/handlers.h"
#include "sts/mfa_check.h"
#include "sts/provided_contexts.h"
#include "sts/session_policy.h"
#include "sts/session_tags.h"

// AssumeRole (aws-wire 3.1, policy-semantics 8.1).
namespace signet::sts {
namespace {

using model::Caller;
using model::CallerKind;

constexpr std::int64_t kDefaultSeconds = 3'600;

// A partition, a service and a resource, and at least five colons (aws-wire 1.9).
bool is_arn_shaped(std::string_view text) {
  const auto parts = model::split_arn(text);
  return parts && !parts->partition.empty() && !parts->service.empty() && !parts->resource.empty();
}

std::string denied_text(const Caller& caller, std::string_view action, std::string_view role_arn) {
  return concat(
      "User: ", caller.arn, " is not authorized to perform: ", action, " on resource: ", role_arn);
}

Error denied(const Caller& caller,
             std::string_view action,
             std::string_view role_arn,
             std::string cause) {
  return Error{.code = ErrorCode::AccessDenied,
               .message = denied_text(caller, action, role_arn),
               .fields = {},
               .cause = std::move(cause)};
}

// What an ARN names that is no role, for the operator.
std::string why_no_role(const std::string& arn, const identity::Snapshot& snapshot) {
  const auto parts = model::split_arn(arn);
  if (!parts || !is_iam_arn(arn, "role/")) {
    return "the ARN is not one of a role";
  }
  if (snapshot.find<identity::Account>(std::string(parts->account)) == nullptr) {
    return concat("there is no account ", parts->account, " here");
  }
  const std::string_view name = parts->resource.substr(parts->resource.rfind('/') + 1);
  if (const identity::Role* near = snapshot.find<identity::Role>(parts->account, name)) {
    return concat("there is no such role; ARNs are exact, case and path included, and there is ",
                  identity::arn_of(*near));
  }
  return "there is no such role";
}

// The source identity the session will have: the one asked for, or the calling session's.
std::string source_identity_of(const AssumeRoleRequest& request, const Caller& caller) {
  if (request.source_identity) {
    return *request.source_identity;
  }
  return caller.session ? caller.session->source_identity : std::string();
}

// A source identity that is set cannot be changed while chaining (aws-wire 3.1).
bool changes_source_identity(const AssumeRoleRequest& request, const Caller& caller) {
  return request.source_identity && caller.session && !caller.session->source_identity.empty() &&
         caller.session->source_identity != *request.source_identity;
}

// Context keys of the trust evaluation that only this call has.
void add_context(const AssumeRoleRequest& request, bool has_mfa, api::Check& check) {
  using facts::KeyId;
  check.texts.add(KeyId::StsRoleSessionName, request.role_session_name);
  if (request.external_id) {
    check.texts.add(KeyId::StsExternalId, *request.external_id);
  }
  // Only when the call sets it; one that is inherited is aws:SourceIdentity (policy-semantics 5.3).
  if (request.source_identity) {
    check.texts.add(KeyId::StsSourceIdentity, *request.source_identity);
  }
  if (has_mfa) {
    // Counts in this evaluation only; the session itself will say false (policy-semantics 5.1).
    check.texts.add(KeyId::AwsMultiFactorAuthPresent, "true");
    check.texts.add(KeyId::AwsMultiFactorAuthAge, "0");
  }
}

// Context is an api::CheckContext or an api::HandlerContext.
template <class Context>
Result<IdentityContext> contexts_of(const AssumeRoleRequest& request, const Context& context) {
  return read_provided_contexts(request.provided_contexts,
                                context.caller.account,
                                context.deps.rings.current(),
                                context.request.now);
}

Status check_duration(std::int64_t duration, const identity::Role& role, const Caller& caller) {
  const bool is_chained =
      caller.is_temporary() && caller.session->kind != model::SessionKind::Console;
  if (is_chained && std::cmp_greater(duration, facts::kChainedSessionSecondsMax)) {
    return chained_duration_too_long();
  }
  if (duration > role.max_session_seconds) {
    return duration_too_long();
  }
  return {};
}

}  // namespace

// What is refused before an MFA code is looked at: a call that cannot succeed spends none.
Result<SpentCode> spend(const AssumeRoleRequest& request, const api::CheckContext& context) {
  const Caller& caller = context.caller;
  if (caller.kind == CallerKind::Root) {
    return root_may_not_assume();
  }
  if (!is_arn_shaped(request.role_arn)) {
    return arn_invalid(request.role_arn);
  }
  TRY_STATUS(read_tags(request.tags, request.transitive_tag_keys, caller.session.get()));
  TRY_STATUS(contexts_of(request, context));
  return SpentCode::spend(request.serial_number, request.token_code, context);
}

Result<api::CheckList> checks(const AssumeRoleRequest& request,
                              const SpentCode& code,
                              const api::CheckContext& context) {
  const Caller& caller = context.caller;
  TRY_STATUS(code.check(context));
  const SessionTags tags =
      TRY(read_tags(request.tags, request.transitive_tag_keys, caller.session.get()));
  const identity::Role* role = context.snapshot.find_by_arn<identity::Role>(request.role_arn);
  if (role == nullptr) {
    // The same answer as for a trust that refuses: role names cannot be probed (aws-wire 2.5).
    return std::unexpected(denied(caller,
                                  "sts:AssumeRole",
                                  request.role_arn,
                                  why_no_role(request.role_arn, context.snapshot)));
  }
  if (changes_source_identity(request, caller)) {
    return std::unexpected(
        denied(caller,
               "sts:SetSourceIdentity",
               request.role_arn,
               "the calling session has another source identity, which cannot be "
               "changed"));
  }
  const std::string source_identity = source_identity_of(request, caller);
  api::CheckList list;
  list.push_back({
      .action = "sts:AssumeRole",
      .resource = request.role_arn,
      .wording = {.resource = request.role_arn, .hides_reason = true},
      .resource_account = role->account,
      .role = role,
      .resource_tags = &*role->tags,   // its own: a caller's tags never stand in for them
      .request_tags = all_tags(tags),  // inherited ones count as passed
  });
  add_context(request, code.is_used(), list.front());
  add_session_checks(tags, !source_identity.empty(), list);
  add_context_checks(TRY(contexts_of(request, context)), list);
  return list;
}

Result<AssumeRoleResponse> handle(const api::Authorized& /*proof*/,
                                  const AssumeRoleRequest& request,
                                  api::HandlerContext& context) {
  const Caller& caller = context.caller;
  const identity::Role* role = context.snapshot.find_by_arn<identity::Role>(request.role_arn);
  if (role == nullptr) {
    return std::unexpected(
        denied(caller, "sts:AssumeRole", request.role_arn, "the role was deleted meanwhile"));
  }
  const std::int64_t duration = request.duration_seconds.value_or(kDefaultSeconds);
  TRY_STATUS(check_duration(duration, *role, caller));
  const SessionTags tags =
      TRY(read_tags(request.tags, request.transitive_tag_keys, caller.session.get()));

  model::Session session;
  session.kind = model::SessionKind::AssumedRole;
  session.account = role->account;
  session.principal_id = role->id;
  session.session_name = request.role_session_name;
  session.is_chained = caller.is_temporary();
  session.tags = all_tags(tags);
  session.transitive_keys = tags.transitive;
  session.source_identity = source_identity_of(request, caller);
  session.claims = TRY(contexts_of(request, context)).keys;
  TRY_STATUS(add_session_policies(request.policy, request.policy_arns, context.snapshot, session));

  AssumeRoleResponse response;
  TRY_STATUS(issue_role_session(std::move(session), *role, duration, request, context, response));
  return response;
}

}  // namespace signet::sts
