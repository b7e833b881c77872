#include "analysis/generate_policy.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "codec/json_writer.h"
#include "facts/catalogue.h"
#include "facts/errors.h"
#include "model/arn.h"
#include "policy_engine/decide.h"
#include "policy_language/pattern.h"

namespace signet::analysis {
namespace {

using Texts = std::set<std::string>;

// Of an action that AWS's catalogue has without resource types, "*" is the only resource that
// policies elsewhere can name, whatever was asked about here. Others are what they are.
bool has_resource_types(std::string_view action) {
  const std::size_t colon = action.find(':');
  const facts::CatalogueService* service = facts::find_service(action.substr(0, colon));
  const auto known = service != nullptr ? service->action(action.substr(colon + 1)) : std::nullopt;
  return !known || !known->resources.empty();
}

void append_texts(std::string& out, std::string_view name, const Texts& texts) {
  out += concat("      \"", name, "\": ");
  if (texts.size() == 1) {
    codec::append_json_string(out, *texts.begin());
    return;
  }
  out += "[";
  std::string_view comma;
  for (const std::string& text : texts) {
    out += concat(comma, "\n        ");
    codec::append_json_string(out, text);
    comma = ",";
  }
  out += "\n      ]";
}

std::string document_of(const std::map<Texts, Texts>& actions_on) {
  std::vector<std::pair<Texts, Texts>> statements;  // actions, resources
  for (const auto& [resources, actions] : actions_on) {
    statements.emplace_back(actions, resources);
  }
  std::ranges::sort(statements);
  std::string out = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [";
  std::string_view comma;
  for (const auto& [actions, resources] : statements) {
    out += concat(comma, "\n    {\n      \"Effect\": \"Allow\",\n");
    append_texts(out, "Action", actions);
    out += ",\n";
    append_texts(out, "Resource", resources);
    out += "\n    }";
    comma = ",";
  }
  out += "\n  ]\n}\n";
  return out;
}

// For a user of the account that the resource belongs to: elsewhere the resource's own policy
// would have to allow as well.
bool allows(const policy::PolicySet& set, const Access& access) {
  const auto parts = model::split_arn(access.resource);
  const std::string account(parts && model::is_account_id(parts->account) ? parts->account
                                                                          : "111122223333");
  const std::string user = model::iam_arn(account, "user", "/", "u");
  const policy::RequestContext context;
  return policy::decide({.action = access.action,
                         .resource = access.resource,
                         .wildcard_only = access.resource == "*"},
                        {.kind = policy::PrincipalKind::User,
                         .account = account,
                         .arn = user,
                         .entity_arn = user},
                        context,
                        {.identity = &set})
      .is_allowed();
}

}  // namespace

std::string literal_pattern(std::string_view resource) {
  if (resource == "*") {
    return "*";
  }
  std::string out;
  for (const char c : resource) {
    if (c == '*' || c == '?' || c == '$') {
      out += concat("${", std::string_view(&c, 1), "}");
    } else {
      out += c;
    }
  }
  return out;
}

Result<GeneratedPolicy> generate_policy(const std::map<Access, Uses>& accesses,
                                        const std::vector<std::string>& patterns) {
  std::map<std::string, Texts> resources_of;
  std::vector<bool> is_used(patterns.size());
  for (const auto& [access, uses] : accesses) {
    if (!has_resource_types(access.action)) {
      resources_of[access.action].insert("*");
      continue;
    }
    const auto found = std::ranges::find_if(patterns, [&access](const std::string& pattern) {
      return policy::match_glob(pattern, access.resource);
    });
    if (found != patterns.end()) {
      is_used[static_cast<std::size_t>(found - patterns.begin())] = true;
    }
    resources_of[access.action].insert(found != patterns.end() ? *found
                                                               : literal_pattern(access.resource));
  }
  std::map<Texts, Texts> actions_on;
  for (auto& [action, resources] : resources_of) {
    const bool is_all = resources.contains("*");
    actions_on[is_all ? Texts{"*"} : std::move(resources)].insert(action);
  }
  GeneratedPolicy made{.document = document_of(actions_on), .statements = actions_on.size()};
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!is_used[i]) {
      made.unused_patterns.push_back(patterns[i]);
    }
  }
  const auto set = policy::PolicySet::make(
      policy::SetKind::Identity,
      {{.policy = policy::compile_text(made.document), .id = "generated", .pins = {}}});
  for (const auto& [access, uses] : accesses) {
    if (set->is_broken() || !allows(*set, access)) {
      return std::unexpected(facts::service_failure(
          concat("the generated policy does not allow ", access.action, " on ", access.resource)));
    }
  }
  return made;
}

}  // namespace signet::analysis
