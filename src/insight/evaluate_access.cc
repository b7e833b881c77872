#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facts/insight_sentences.h"
#include "insight/handlers.h"
#include "insight/hypothetical.h"
#include "policy_telling/simulate.h"

// EvaluateAccess: what many principals may do, in one call, by the authorizer that decides
// requests.
namespace signet::insight {
namespace {

constexpr std::string_view kEverything = "*";

}  // namespace

Result<api::CheckList> checks(const EvaluateAccessRequest& request,
                              const api::CheckContext& context) {
  api::CheckList list;
  list.reserve(request.principal_arns.size());
  for (const std::string& arn : request.principal_arns) {
    list.push_back(permission_for(arn, context.snapshot));
  }
  return list;
}

// A principal asks with a long-term key or a new session, without MFA, from where the caller is.
Result<EvaluateAccessResponse> handle(const api::Authorized& /*proof*/,
                                      const EvaluateAccessRequest& request,
                                      api::HandlerContext& context) {
  const std::string_view resource = request.resource_arn ? *request.resource_arn : kEverything;
  std::vector<api::Check> questions;
  questions.reserve(request.actions.size());
  for (const std::string& action : request.actions) {
    questions.push_back(check_for(action, resource, context.snapshot));
  }
  EvaluateAccessResponse response;
  for (const std::string& arn : request.principal_arns) {
    const auto caller =
        caller_named(arn, context.caller.account, context.snapshot, context.request.now);
    if (!caller) {
      return principal_not_found(arn);
    }
    const authz::AuthzContext asked{
        .snapshot = context.snapshot, .caller = *caller, .request = context.request};
    PrincipalResult result{.principal_arn = arn};
    for (const api::Check& question : questions) {
      const policy::Decision decision = context.authorizer->decide(asked, question);
      result.decisions.emplace_back(policy::wire_name(decision.verdict));
    }
    response.results.push_back(std::move(result));
  }
  return response;
}

}  // namespace signet::insight
