#include <algorithm>

#include "base/strings.h"
#include "policy_language/pattern.h"
#include "policy_writing/check_parts.h"

namespace signet::policy::lint {
namespace {

bool has_match(const facts::CatalogueService& service, std::string_view pattern) {
  std::string_view rest = service.actions;
  for (auto action = facts::next_action(rest); action; action = facts::next_action(rest)) {
    if (match_glob_ignore_case(pattern, action->name)) {
      return true;
    }
  }
  return false;
}

std::string suggestion(const facts::CatalogueService& service, std::string_view name) {
  Nearest nearest(name);
  std::string_view rest = service.actions;
  for (auto action = facts::next_action(rest); action; action = facts::next_action(rest)) {
    nearest.offer(action->name);
  }
  return nearest.question();
}

class ActionCheck {
 public:
  ActionCheck(const Written& policy, Findings& findings) : policy_(policy), findings_(findings) {}

  void statement(const WrittenStatement& statement) {
    for (const Text& action : statement.actions) {
      if (has_variable(action.text)) {
        findings_.add(FindingId::VariableInElement,
                      action.node,
                      "variables are literal text in actions: write the action itself");
      } else if (action.text != "*") {
        name(action);
      }
      switch (policy_.profile()) {
        case Profile::Scp:
          scp_action(action);
          break;
        case Profile::Trust:
          only_service(action, "sts", "a trust policy");
          break;
        case Profile::Bucket:
          only_service(action, "s3", "a bucket policy");
          break;
        default:
          break;
      }
    }
    if (policy_.profile() == Profile::Scp) {
      scp_statement(statement);
    }
    if (policy_.profile() == Profile::Rcp) {
      rcp_statement(statement);
    }
  }

 private:
  void name(const Text& action) {
    const auto [service_name, action_name] = split_action(action.text);
    if (action_name.empty()) {
      findings_.add(FindingId::InvalidAction,
                    action.node,
                    concat("\"", action.text, "\" is no action: write service:Name"));
      return;
    }
    if (has_wildcard(service_name)) {
      if (action.text != "*:*") {
        findings_.add(FindingId::WildcardInServiceName,
                      action.node,
                      "a wildcard in the name of the service reaches services of like names");
      }
      return;
    }
    const facts::CatalogueService* service = facts::find_service(service_name);
    if (service == nullptr) {
      unknown_service(action, service_name);
      return;
    }
    if (!has_match(*service, action_name) && (is_documented(*service) || action_name.empty())) {
      findings_.add(FindingId::InvalidAction,
                    action.node,
                    concat("the service ",
                           service->prefix,
                           " has no action \"",
                           action_name,
                           "\"",
                           suggestion(*service, action_name)));
    }
  }

  void unknown_service(const Text& action, std::string_view prefix) {
    if (findings_.add_if_retired(prefix, action.node, "the action decides nothing")) {
      return;
    }
    Nearest nearest(prefix);
    for (const facts::CatalogueService& other : facts::services()) {
      nearest.offer(other.prefix);
    }
    findings_.add(FindingId::InvalidServiceInAction,
                  action.node,
                  concat("no service has the prefix \"", prefix, "\"", nearest.question()));
  }

  void only_service(const Text& action, std::string_view service, std::string_view where) {
    const auto [service_name, action_name] = split_action(action.text);
    if (!action_name.empty() && !match_glob_ignore_case(service_name, service)) {
      findings_.add(FindingId::UnsupportedActionInPolicy,
                    action.node,
                    concat(where, " decides about ", service, ": actions only; remove it"));
    }
  }

  // AWS refused these before SCPs took the whole policy language (September 2025).
  void portable(FindingId id, NodeId node, std::string_view what) {
    if (policy_.options.document.settings.classic_scp_language) {
      findings_.add(id, node, concat(what, ": rewrite the statement"));
    } else {
      findings_.add_as(Severity::Suggestion,
                       id,
                       node,
                       concat(what, " where SCPs speak the language from before September 2025"));
    }
  }

  void scp_action(const Text& action) {
    const auto [service_name, action_name] = split_action(action.text);
    if (!action_name.empty() && has_wildcard(service_name)) {
      findings_.add(FindingId::ScpWildcardInService,
                    action.node,
                    "an SCP takes no wildcard in the name of a service: name each service");
    }
    const std::size_t wild = action.text.find_first_of("*?");
    if (wild != std::string_view::npos && wild + 1 != action.text.size()) {
      portable(FindingId::ScpActionWildcard,
               action.node,
               "a wildcard before the end of an action is refused");
    }
  }

  void scp_statement(const WrittenStatement& statement) {
    if (statement.is_allow && statement.condition != kNoNode) {
      portable(
          FindingId::ScpAllowCondition, statement.condition - 1, "Condition with Allow is refused");
    }
    if (statement.is_allow && statement.is_not_action) {
      portable(
          FindingId::ScpAllowNotAction, statement.action - 1, "NotAction with Allow is refused");
    }
    if (statement.is_not_resource) {
      portable(FindingId::ScpNotResource, statement.resource - 1, "NotResource is refused");
      return;
    }
    for (const Text& resource : statement.resources) {
      if (statement.is_allow && resource.text != "*") {
        portable(FindingId::ScpAllowResource,
                 resource.node,
                 "a resource other than \"*\" with Allow is refused");
        break;
      }
    }
  }

  void rcp_statement(const WrittenStatement& statement) {
    if (statement.is_allow) {
      findings_.add(FindingId::RcpAllow,
                    statement.node,
                    "an RCP takes Effect \"Deny\" only: what it does not deny stays as it was");
    }
    if (statement.is_not_action) {
      findings_.add(FindingId::RcpNotAction,
                    statement.action - 1,
                    "an RCP takes no NotAction: list the actions");
    }
    for (const Text& action : statement.actions) {
      if (action.text == "*") {
        findings_.add(FindingId::RcpAction,
                      action.node,
                      "an RCP takes no bare \"*\": name the services, as in \"s3:*\"");
      }
    }
    const bool is_everyone =
        statement.principals.size() == 1 && statement.principals[0].value.text == "*";
    if (statement.is_not_principal ||
        (statement.principal != kNoNode && !is_everyone && !statement.principals.empty())) {
      findings_.add(FindingId::RcpPrincipal,
                    statement.principal - 1,
                    "an RCP takes \"Principal\": \"*\" only: choose callers with a condition");
    }
  }

  const Written& policy_;
  Findings& findings_;
};

}  // namespace

void check_actions(const Written& policy, Findings& findings) {
  ActionCheck check(policy, findings);
  for (const WrittenStatement& statement : policy.statements) {
    check.statement(statement);
  }
}

}  // namespace signet::policy::lint
