#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/base64.h"
#include "facts/signin_sentences.h"
#include "signin/console_authorization.h"
#include "signin/handlers.h"

// The console authorization configuration and the statements of the sign-in resource policy
// (signin-api 3).
namespace signet::signin {
namespace {

constexpr std::size_t kMostStatements = 20;
constexpr std::int64_t kPageDefault = 100;

using Conditions = std::vector<
    std::pair<std::string, std::vector<std::pair<std::string, std::vector<std::string>>>>>;

api::CheckList check(std::string_view action) {
  api::CheckList list(1);
  list[0].action = action;
  list[0].resource = "*";
  return list;
}

// The caller's account, which is all that can be named: configurations of organizations are not
// known here.
Result<const identity::Account*> target_of(const std::optional<std::string>& target_id,
                                           const api::HandlerContext& context) {
  if (target_id && *target_id != context.caller.account) {
    return target_not_found();
  }
  return context.snapshot.find<identity::Account>(context.caller.account);
}

template <class Response>
Response configuration_of(const identity::Account& account) {
  return Response{.target_id = account.id,
                  .scope = "ACCOUNT",
                  .console_authorization_enabled = is_console_authorization_on(account)};
}

template <class Response>
Result<Response> switch_to(bool is_on,
                           const std::optional<std::string>& target_id,
                           const api::HandlerContext& context) {
  identity::Account account = *TRY(target_of(target_id, context));
  if (!is_on && !is_console_authorization_on(account)) {
    return target_not_found();
  }
  switch_console_authorization(account, is_on);
  Response response = configuration_of<Response>(account);
  context.transaction->put(std::move(account));
  return response;
}

Conditions conditions_of(const PermissionStatement& statement) {
  Conditions conditions{{"NotIpAddress", {{"aws:SourceIp", {statement.source_ip}}}}};
  if (!statement.requested_region.empty()) {
    conditions.push_back(
        {"StringNotEquals", {{"aws:RequestedRegion", {statement.requested_region}}}});
  }
  if (!statement.excluded_principal.empty()) {
    conditions.push_back(
        {"ArnNotEquals", {{"signin:PrincipalArn", {statement.excluded_principal}}}});
  }
  return conditions;
}

// What a request asks for; a statement that could deny nobody but everybody is refused.
Result<PermissionStatement> read_statement(const PutResourcePermissionStatementRequest& request) {
  if (request.source_vpc || request.signin_source_vpce || request.console_source_vpce ||
      request.vpc_source_ip) {
    return no_vpcs();
  }
  if (!request.source_ip || !is_source(*request.source_ip)) {
    return source_ip_invalid();
  }
  return PermissionStatement{.id = {},
                             .source_ip = *request.source_ip,
                             .requested_region = request.requested_region.value_or(""),
                             .excluded_principal = request.excluded_principal.value_or(""),
                             .client_token = request.client_token.value_or("")};
}

std::string make_id(Random& random) {
  std::array<std::uint8_t, 48> bytes{};
  random.fill(bytes);
  return codec::encode_base64(codec::as_text(bytes));
}

}  // namespace

Result<api::CheckList> checks(const PutConsoleAuthorizationConfigurationRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:PutConsoleAuthorizationConfiguration");
}

Result<PutConsoleAuthorizationConfigurationResponse> handle(
    const api::Authorized& /*proof*/,
    const PutConsoleAuthorizationConfigurationRequest& request,
    api::HandlerContext& context) {
  return switch_to<PutConsoleAuthorizationConfigurationResponse>(true, request.target_id, context);
}

Result<api::CheckList> checks(const DeleteConsoleAuthorizationConfigurationRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:DeleteConsoleAuthorizationConfiguration");
}

Result<DeleteConsoleAuthorizationConfigurationResponse> handle(
    const api::Authorized& /*proof*/,
    const DeleteConsoleAuthorizationConfigurationRequest& request,
    api::HandlerContext& context) {
  return switch_to<DeleteConsoleAuthorizationConfigurationResponse>(
      false, request.target_id, context);
}

Result<api::CheckList> checks(const GetConsoleAuthorizationConfigurationRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:GetConsoleAuthorizationConfiguration");
}

Result<GetConsoleAuthorizationConfigurationResponse> handle(
    const api::Authorized& /*proof*/,
    const GetConsoleAuthorizationConfigurationRequest& request,
    api::HandlerContext& context) {
  const identity::Account* account = TRY(target_of(request.target_id, context));
  if (!is_console_authorization_on(*account)) {
    return target_not_found();
  }
  return configuration_of<GetConsoleAuthorizationConfigurationResponse>(*account);
}

Result<api::CheckList> checks(const PutResourcePermissionStatementRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:PutResourcePermissionStatement");
}

Result<PutResourcePermissionStatementResponse> handle(
    const api::Authorized& /*proof*/,
    const PutResourcePermissionStatementRequest& request,
    api::HandlerContext& context) {
  PermissionStatement statement = TRY(read_statement(request));
  identity::Account account = *context.snapshot.find<identity::Account>(context.caller.account);
  const std::vector<PermissionStatement> known = permission_statements(account);
  const auto same = std::ranges::find_if(known, [&](const PermissionStatement& one) {
    return !one.client_token.empty() && one.client_token == statement.client_token;
  });
  if (same != known.end()) {
    statement.id = same->id;
    if (statement != *same) {
      return client_token_used();
    }
    return PutResourcePermissionStatementResponse{.statement_id = same->id};
  }
  if (known.size() >= kMostStatements) {
    return too_many_statements(kMostStatements);
  }
  statement.id = make_id(context.deps.random);
  put_permission_statement(account, statement);
  context.transaction->put(std::move(account));
  return PutResourcePermissionStatementResponse{.statement_id = statement.id};
}

Result<api::CheckList> checks(const DeleteResourcePermissionStatementRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:DeleteResourcePermissionStatement");
}

Result<DeleteResourcePermissionStatementResponse> handle(
    const api::Authorized& /*proof*/,
    const DeleteResourcePermissionStatementRequest& request,
    api::HandlerContext& context) {
  identity::Account account = *context.snapshot.find<identity::Account>(context.caller.account);
  const std::vector<PermissionStatement> known = permission_statements(account);
  if (std::ranges::find(known, request.statement_id, &PermissionStatement::id) == known.end()) {
    return statement_not_found();
  }
  erase_permission_statement(account, request.statement_id);
  context.transaction->put(std::move(account));
  return DeleteResourcePermissionStatementResponse{};
}

Result<api::CheckList> checks(const ListResourcePermissionStatementsRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:ListResourcePermissionStatements");
}

Result<ListResourcePermissionStatementsResponse> handle(
    const api::Authorized& /*proof*/,
    const ListResourcePermissionStatementsRequest& request,
    api::HandlerContext& context) {
  const auto most = static_cast<std::size_t>(request.max_results.value_or(kPageDefault));
  const std::string after = request.next_token.value_or("");
  ListResourcePermissionStatementsResponse response;
  for (const PermissionStatement& statement :
       permission_statements(*context.snapshot.find<identity::Account>(context.caller.account))) {
    if (!after.empty() && statement.id <= after) {
      continue;
    }
    if (response.permission_statements.size() == most) {
      response.next_token = response.permission_statements.back().sid;
      break;
    }
    response.permission_statements.push_back(
        {.sid = statement.id, .condition = conditions_of(statement)});
  }
  return response;
}

Result<api::CheckList> checks(const GetResourcePolicyRequest& /*request*/,
                              const api::CheckContext& /*context*/) {
  return check("signin:GetResourcePolicy");
}

// AWS-DIFF: in which words AWS shows the policy is not documented; what it denies is
// (tests/conformance/test_signin_authorization.py).
Result<GetResourcePolicyResponse> handle(const api::Authorized& /*proof*/,
                                         const GetResourcePolicyRequest& /*request*/,
                                         api::HandlerContext& context) {
  const std::vector<PermissionStatement> statements =
      permission_statements(*context.snapshot.find<identity::Account>(context.caller.account));
  if (statements.empty()) {
    return resource_policy_not_found();
  }
  GetResourcePolicyResponse response;
  response.signin_resource_based_policy.version = "2012-10-17";
  std::vector<PolicyStatement>& shown = response.signin_resource_based_policy.statement.emplace();
  for (const PermissionStatement& statement : statements) {
    PolicyStatement& one = shown.emplace_back();
    one.effect = "Deny";
    one.principal.emplace().emplace_back("AWS", "*");
    one.action = std::vector<std::string>{
        "signin:Authenticate", "signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token"};
    one.resource = "*";
    one.condition = conditions_of(statement);
  }
  return response;
}

}  // namespace signet::signin
