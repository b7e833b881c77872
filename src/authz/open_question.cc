#include "authz/open_question.h"

#include <algorithm>
#include <vector>

#include "authz/policy_sources.h"
#include "authz/refusal.h"
#include "authz/request_context.h"
#include "base/strings.h"
#include "codec/json_writer.h"
#include "policy_language/document.h"

namespace signet::authz {
namespace {

using codec::JsonWriter;
using identity::AppliedPolicy;
using model::CallerKind;
using policy::PolicyMember;
using policy::PolicySet;

// Longer than any value of a context key that a request can have.
constexpr std::size_t kWhole = 1 << 20;

// An identity policy by where it comes from: inline names are not unique.
std::string name_of(const AppliedPolicy& policy, std::string_view owner) {
  switch (policy.source) {
    case AppliedPolicy::Source::UserInline:
    case AppliedPolicy::Source::RoleInline:
      return concat(owner, "'s inline policy ", policy.id);
    case AppliedPolicy::Source::GroupInline:
      return concat("group ", policy.group->name, "'s inline policy ", policy.id);
    case AppliedPolicy::Source::GroupAttached:
      return concat(policy.id, " of group ", policy.group->name);
    case AppliedPolicy::Source::UserAttached:
    case AppliedPolicy::Source::RoleAttached:
      break;
  }
  return policy.id;
}

// Names of the caller's identity policies, in the order of their set.
std::vector<std::string> identity_names(const AuthzContext& context) {
  const std::string& id = context.caller.principal_id;
  std::vector<AppliedPolicy> applied;
  std::string_view owner;
  if (const identity::Role* role = context.snapshot.find<identity::Role>(id)) {
    applied = context.snapshot.policies_of(*role);
    owner = role->name;
  } else if (const identity::User* user = context.snapshot.find<identity::User>(id)) {
    applied = context.snapshot.policies_of(*user);
    owner = user->name;
  }
  std::vector<std::string> names;
  for (const AppliedPolicy& policy : applied) {
    names.push_back(name_of(policy, owner));
  }
  return names;
}

void append_policy(JsonWriter& writer, const PolicyMember& member, std::string_view name) {
  writer.begin_object();
  writer.member("name", name);
  // What cannot be read is an error of the question: it denies everything, and says its name.
  writer.member("document",
                member.policy != nullptr ? policy::document_of(*member.policy).text()
                                         : std::string_view("(this policy cannot be read)"));
  if (!member.pins.empty()) {
    writer.key("pins");
    writer.begin_object();
    for (const policy::PrincipalPin& pin : member.pins) {
      writer.member(pin.arn, pin.id);
    }
    writer.end_object();
  }
  writer.end_object();
}

void append_set(JsonWriter& writer,
                std::string_view key,
                const PolicySet* set,
                const std::vector<std::string>& names = {}) {
  if (set == nullptr) {
    return;
  }
  writer.key(key);
  writer.begin_array();
  for (std::size_t i = 0; i < set->members().size(); ++i) {
    const PolicyMember& member = set->members()[i];
    const std::string_view name = i < names.size() ? std::string_view(names[i]) : member.id;
    append_policy(writer, member, name.empty() ? key : name);
  }
  writer.end_array();
}

void append_rails(JsonWriter& writer, std::string_view key, const policy::GuardRails* rails) {
  if (rails == nullptr) {
    return;
  }
  writer.key(key);
  writer.begin_array();
  for (const policy::PolicySetRef& level : rails->levels()) {
    writer.begin_array();
    for (const PolicyMember& member : level->members()) {
      append_policy(writer, member, member.id.empty() ? key : std::string_view(member.id));
    }
    writer.end_array();
  }
  writer.end_array();
}

void append_caller(JsonWriter& writer, const AuthzContext& context, const Check& check) {
  const model::Caller& caller = context.caller;
  if (caller.kind == CallerKind::Anonymous) {
    if (check.federation != Federation::None) {
      writer.member("principal", check.federated_provider);
    }
    return;
  }
  const bool is_root = caller.kind == CallerKind::Root;  // by a session of AssumeRoot too
  const std::string& principal = is_root ? caller.principal_arn : caller.arn;
  writer.member("principal", caller.kind == CallerKind::Service ? caller.name : principal);
  writer.member("principal_id", caller.principal_id);
  if (const auto* account = context.snapshot.find<identity::Account>(caller.account)) {
    writer.member("canonical_user_id", account->canonical_user_id);
  }
  if (const auto* user = context.snapshot.find<identity::User>(caller.principal_id);
      user != nullptr && caller.kind == CallerKind::FederatedUser) {
    writer.member("issuer", identity::arn_of(*user));
  }
}

void append_entry(JsonWriter& writer, const ContextEntry& entry) {
  writer.key(entry.key);
  if (!entry.is_list) {
    writer.string(entry.values.front());
    return;
  }
  writer.begin_array();
  for (const std::string& value : entry.values) {
    writer.string(value);
  }
  writer.end_array();
}

// The keys of the request that nobody gives another value for, then those that are given.
void append_context(JsonWriter& writer, std::vector<ShownKey> keys, const GivenContext& given) {
  std::erase_if(keys, [&given](const ShownKey& key) {
    return given.is_whole || std::ranges::any_of(given.entries, [&key](const ContextEntry& entry) {
             return equals_ignore_case(entry.key, key.name);
           });
  });
  writer.key("context");
  writer.begin_object();
  append_key_values(writer, keys, kWhole);
  for (const ContextEntry& entry : given.entries) {
    append_entry(writer, entry);
  }
  writer.end_object();
}

std::string trust_name(const Check& check) {
  return check.role != nullptr ? concat("trust policy of role ", check.role->name) : std::string();
}

std::string resource_name(const Check& check) {
  return check.bucket != nullptr ? concat("policy of bucket ", check.bucket->name)
                                 : trust_name(check);
}

}  // namespace

std::string open_question(const AuthzContext& context,
                          const Check& check,
                          const GivenContext& given) {
  PolicySources sources;
  const model::Caller& caller = context.caller;
  const CallerSets sets =
      caller.kind != CallerKind::Anonymous ? sources.of_caller(context) : CallerSets();
  const policy::PolicySetRef resource = sources.of_resource(context, check);
  const bool is_elsewhere =
      !check.resource_account.empty() && check.resource_account != caller.account;
  const AccountGuardsRef owner =
      is_elsewhere ? sources.of_account(context.snapshot, check.resource_account) : sets.guards;
  ContextStorage storage;
  policy::RequestContext keys;
  fill_context(
      context, check, storage, keys, {.caller = sets.guards.get(), .resource = owner.get()});

  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  append_caller(writer, context, check);
  writer.member("action", check.action);
  writer.member("resource", check.resource);
  writer.member("resource_account", check.resource_account);
  append_context(writer, present_keys(context, check, keys), given);
  append_set(writer, "identity_policies", sets.identity.get(), identity_names(context));
  append_set(writer, "boundary", sets.boundary.get());
  append_set(writer, "session_policy", sets.session.get());
  append_rails(writer, "scopes", sets.scopes.get());
  append_set(writer, "resource_policy", resource.get(), {resource_name(check)});
  append_rails(writer, "scps", sets.guards ? sets.guards->scps.get() : nullptr);
  if (owner != nullptr && has_resource_controls(check.action)) {
    append_rails(writer, "rcps", owner->rcps.get());
  }
  writer.end_object();
  return out;
}

}  // namespace signet::authz
