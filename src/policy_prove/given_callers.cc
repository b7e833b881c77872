#include <map>
#include <string>
#include <utility>

#include "policy_engine/compiled.h"
#include "policy_engine/policy_member.h"
#include "policy_language/policy_json.h"
#include "policy_prove/callers.h"

// The caller that a question names.
namespace signet::policy::prove {
namespace {

std::string partition_of(std::string_view arn) {
  const std::size_t begin = arn.find(':') + 1;
  return arn.empty() ? std::string("aws")
                     : std::string(arn.substr(begin, arn.find(':', begin) - begin));
}

// A key of a question's context holds of all requests of its caller.
void fix(const PolicyJson& json, NodeId name, Caller& caller) {
  DimensionValue value{.kind = json.is(name + 1, JsonKind::Array) ? DimensionValue::Kind::List
                                                                  : DimensionValue::Kind::Single,
                       .texts = {}};
  each_text(json, name + 1, [&value](std::string_view text) { value.texts.emplace_back(text); });
  if (!value.texts.empty()) {
    const KeyRef key = resolve_key(json[name].content);
    value.kind = key.is_list ? DimensionValue::Kind::List : value.kind;
    caller.fixed.emplace(folded_name(key), std::move(value));
  }
}

// Sessions of the role that Principal elements name.
std::vector<Caller> named_sessions(const Caller& role, std::span<const PolicySet* const> sets) {
  const std::string arn = session_arn(role);
  const std::string prefix = arn.substr(0, arn.rfind('/') + 1);
  std::map<std::string, Caller> named;
  for (const PolicySet* set : sets) {
    for (std::size_t m = 0; set != nullptr && !set->is_broken() && m < set->members().size(); ++m) {
      for (const PrincipalEntry& entry : set->members()[m].policy->principals) {
        if (entry.kind == PrincipalEntry::Kind::RoleSession && entry.text.starts_with(prefix)) {
          Caller& caller = named.emplace(entry.text, role).first->second;
          caller.session = entry.session;
          caller.name = entry.text;
        }
      }
    }
  }
  std::vector<Caller> all;
  for (auto& [name, caller] : named) {
    all.push_back(std::move(caller));
  }
  return all;
}

}  // namespace

Caller caller_of(const Principal& principal) {
  Caller caller{.kind = principal.kind,
                .partition = partition_of(principal.arn),
                .account = std::string(principal.account),
                .name = std::string(principal.arn),
                .entity_arn = std::string(principal.entity_arn),
                .entity_id = std::string(principal.entity_id),
                .session = std::string(principal.session_name),
                .service = std::string(principal.service),
                .provider = std::string(principal.federated_provider),
                .canonical_user_id = std::string(principal.canonical_user_id)};
  if (principal.kind == PrincipalKind::Service) {
    caller.name = caller.service;
  } else if (!caller.provider.empty()) {
    caller.name = caller.provider;
  } else if (principal.kind == PrincipalKind::FederatedUser) {
    caller.issuer = caller.entity_arn;
  }
  return caller;
}

std::vector<Caller> callers_of(const Question& question, std::span<const PolicySet* const> sets) {
  Caller caller = caller_of(question.principal);
  const PolicyJson& json = question.json;
  const NodeId context = json.member(0, "context");
  if (json.is(context, JsonKind::Object)) {
    for (NodeId name = context + 1; name < json[context].next; name = json[name + 1].next) {
      fix(json, name, caller);
    }
    caller.has_fixed_tags = caller.kind == PrincipalKind::User;
  }
  const NodeId principal = json.member(0, "principal");
  const bool is_role = caller.kind == PrincipalKind::AssumedRole &&
                       json.is(principal, JsonKind::String) &&
                       json[principal].content.find(":role/") != std::string_view::npos;
  if (!is_role) {
    return {std::move(caller)};
  }
  std::vector<Caller> all = named_sessions(caller, sets);
  caller.is_any_session = true;
  for (const Caller& named : all) {
    caller.not_sessions.push_back(named.session);
  }
  all.insert(all.begin(), std::move(caller));
  return all;
}

}  // namespace signet::policy::prove
