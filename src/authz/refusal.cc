#include "authz/refusal.h"

#include <algorithm>

#include "codec/json_writer.h"
#include "codec/utf8.h"
#include "policy_language/document.h"
#include "policy_telling/message.h"

namespace signet::authz {
namespace {

using codec::JsonWriter;
using policy::JsonKind;
using policy::NodeId;
using policy::PolicyJson;

// {"items":[{"value":TEXT}, ...]} from a string or a list of strings.
class Items {
 public:
  explicit Items(JsonWriter& writer) : writer_(writer) {
    writer_.begin_object();
    writer_.key("items");
    writer_.begin_array();
  }

  Items(const Items&) = delete;
  Items& operator=(const Items&) = delete;
  Items(Items&&) = delete;
  Items& operator=(Items&&) = delete;

  ~Items() {
    writer_.end_array();
    writer_.end_object();
  }

  void value(std::string_view text) {
    writer_.begin_object();
    writer_.member("value", text);
    writer_.end_object();
  }

  void values(const PolicyJson& json, NodeId node) {
    policy::each_text(json, node, [this](std::string_view text) { value(text); });
  }

 private:
  JsonWriter& writer_;
};

// Calls visit(name, value node) for each member of an object.
template <class Visit>
void for_members(const PolicyJson& json, NodeId object, Visit visit) {
  if (!json.is(object, JsonKind::Object)) {
    return;
  }
  NodeId name = object + 1;
  for (std::uint32_t i = 0; i < json[object].count; ++i) {
    const NodeId value = json[name].next;
    visit(json[name].content, value);
    name = json[value].next;
  }
}

void append_principals(JsonWriter& writer,
                       const PolicyJson& json,
                       const policy::Statement& statement) {
  writer.key(statement.is_not_principal ? "notPrincipals" : "principals");
  Items items(writer);
  if (json.is(statement.principal, JsonKind::Object)) {
    for_members(json, statement.principal, [&](std::string_view, NodeId value) {
      items.values(json, value);
    });
    return;
  }
  items.values(json, statement.principal);
}

void append_conditions(JsonWriter& writer, const PolicyJson& json, NodeId condition) {
  writer.key("conditions");
  writer.begin_object();
  writer.key("items");
  writer.begin_array();
  for_members(json, condition, [&](std::string_view name, NodeId keys) {
    for_members(json, keys, [&](std::string_view key, NodeId values) {
      writer.begin_object();
      writer.member("operator", name);
      writer.member("key", key);
      writer.key("values");
      Items(writer).values(json, values);
      writer.end_object();
    });
  });
  writer.end_array();
  writer.end_object();
}

void append_statement(JsonWriter& writer, const policy::StatementRef& ref) {
  const policy::PolicyMember& member = ref.set->members()[ref.policy];
  const policy::Document& document = policy::document_of(*member.policy);
  const policy::Statement& statement = document.statements()[ref.statement];
  const PolicyJson& json = document.json();
  writer.begin_object();
  writer.member("statementId", document.sid(statement));
  writer.member("effect", statement.effect == policy::Effect::Allow ? "ALLOW" : "DENY");
  append_principals(writer, json, statement);
  writer.key("principalGroups");
  {
    const Items none(writer);
  }
  writer.key(statement.is_not_action ? "notActions" : "actions");
  Items(writer).values(json, statement.action);
  writer.key(statement.is_not_resource ? "notResources" : "resources");
  Items(writer).values(json, statement.resource);
  append_conditions(writer, json, statement.condition);
  writer.end_object();
}

void append_key(JsonWriter& writer, const ShownKey& key) {
  const policy::Value& value = key.value;
  writer.begin_object();
  writer.member("key", key.name);
  writer.key("values");
  {
    Items items(writer);
    if (value.kind == policy::Value::Kind::List) {
      for (const std::string_view text : value.list) {
        items.value(text);
      }
    } else {
      policy::ValueBuffer buffer;
      items.value(policy::value_text(value, buffer));
    }
  }
  writer.end_object();
}

// What a record keeps of one text: of a user agent, or of all principals that a policy names.
constexpr std::size_t kLongestText = 512;
constexpr std::size_t kMostDenials = 8;

void member_cut(JsonWriter& writer, std::string_view name, std::string_view text) {
  writer.member(name, codec::cut_utf8(text, kLongestText));
}

// Whose policies refused.
std::string_view refusing_account(const model::Caller& caller,
                                  const Check& check,
                                  const policy::Decision& decision) {
  const bool is_callers = decision.side != policy::AccountSide::Resource && !caller.account.empty();
  return is_callers || check.resource_account.empty() ? caller.account : check.resource_account;
}

void append_reason(JsonWriter& writer,
                   const model::Caller& caller,
                   const Check& check,
                   const policy::Decision& decision) {
  writer.member("reason", refusal_reason(decision, check));
  writer.member("verdict", policy::name_of(decision.verdict));
  writer.member("policyType", policy::name_of(decision.type));
  writer.member("policyAccount", refusing_account(caller, check, decision));
  member_cut(writer, "action", check.action);
  member_cut(writer, "resource", check.resource);
}

// What access control lists had to do with it; empty: nothing.
std::string_view acl_reason(const Check& check) {
  if (check.object_owner == ObjectOwner::Another) {
    return "; the object belongs to another account than its bucket, so the bucket policy grants "
           "nothing on it, and its access control list alone can";
  }
  switch (check.acl) {
    case AclGrant::NoList:
      return {};
    case AclGrant::Nothing:
      return "; the access control list does not grant it either";
    case AclGrant::ToAccount:
      return "; the access control list grants it to the caller's account";
    case AclGrant::ToEverybody:
      return "; the access control list grants it to everybody";
  }
  return {};
}

// Where a statement stands.
void append_place(JsonWriter& writer,
                  std::string_view policy,
                  std::size_t index,
                  std::string_view sid) {
  if (!policy.empty()) {
    writer.member("policy", policy);
  }
  writer.key("statement");
  writer.integer(static_cast<std::int64_t>(index));
  if (!sid.empty()) {
    writer.member("sid", sid);
  }
}

// Deny statements that applied.
void append_denials(JsonWriter& writer, const std::vector<policy::StatementRef>& matched) {
  writer.key("denials");
  writer.begin_array();
  for (std::size_t i = 0; i < std::min(matched.size(), kMostDenials); ++i) {
    const policy::StatementRef& ref = matched[i];
    const policy::PolicyMember& member = ref.set->members()[ref.policy];
    const policy::Document& document = policy::document_of(*member.policy);
    writer.begin_object();
    append_place(
        writer, member.id, ref.statement, document.sid(document.statements()[ref.statement]));
    writer.end_object();
  }
  writer.end_array();
}

// Allow statements that nearly applied, with what was in the way.
void append_nearest(JsonWriter& writer, const std::vector<policy::StatementTrace>& nearest) {
  writer.key("nearest");
  writer.begin_array();
  for (const policy::StatementTrace& statement : nearest) {
    writer.begin_object();
    append_place(writer, statement.policy_id, statement.statement, statement.sid);
    writer.key("unmet");
    writer.begin_array();
    for (const policy::PartTrace& part : statement.parts) {
      writer.begin_object();
      writer.member("part", part.part);
      member_cut(writer, "wanted", part.wanted);
      member_cut(writer, "given", part.given);
      writer.end_object();
    }
    writer.end_array();
    writer.end_object();
  }
  writer.end_array();
}

void append_context(JsonWriter& writer, const RefusalParts& parts) {
  writer.key("context");
  writer.begin_object();
  writer.key("principal");
  writer.begin_object();
  writer.member("id", parts.caller.user_id);
  writer.member("name", parts.caller.name);
  writer.member("arn", parts.caller.arn);
  writer.end_object();
  writer.member("action", parts.check.action);
  writer.member("resource", parts.check.resource);
  writer.key("conditions");
  writer.begin_object();
  writer.key("items");
  writer.begin_array();
  for (const ShownKey& key : parts.keys) {
    append_key(writer, key);
  }
  writer.end_array();
  writer.end_object();
  writer.end_object();
}

}  // namespace

std::string refusal_json(const RefusalParts& parts) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("allowed");
  writer.boolean(parts.decision.is_allowed());
  writer.key("explicitDeny");
  writer.boolean(parts.decision.verdict == policy::Verdict::ExplicitlyDenied);
  writer.key("matchedStatements");
  writer.begin_object();
  writer.key("items");
  writer.begin_array();
  for (const policy::StatementRef& ref : parts.matched) {
    append_statement(writer, ref);
  }
  writer.end_array();
  writer.end_object();
  writer.key("failures");
  {
    const Items none(writer);
  }
  append_context(writer, parts);
  writer.end_object();
  return out;
}

void append_key_values(JsonWriter& writer, const std::vector<ShownKey>& keys, std::size_t longest) {
  for (const auto& [name, value] : keys) {
    writer.key(name);
    if (value.kind != policy::Value::Kind::List) {
      policy::ValueBuffer buffer;
      writer.string(codec::cut_utf8(policy::value_text(value, buffer), longest));
      continue;
    }
    writer.begin_array();
    for (const std::string_view text : value.list) {
      writer.string(codec::cut_utf8(text, longest));
    }
    writer.end_array();
  }
}

std::string refusal_reason(const policy::Decision& decision, const Check& check) {
  std::string reason = policy::denial_reason(decision, check.action);
  if (decision.is_error) {
    reason += ": a policy that applies could not be read";
  }
  if (decision.verdict == policy::Verdict::ImplicitlyDenied) {
    reason += acl_reason(check);
  }
  return reason;
}

std::string refusal_record(const RefusalParts& parts) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  append_reason(writer, parts.caller, parts.check, parts.decision);
  if (!parts.matched.empty()) {
    append_denials(writer, parts.matched);
  }
  if (!parts.nearest.empty()) {
    append_nearest(writer, parts.nearest);
  }
  writer.key("context");
  writer.begin_object();
  append_key_values(writer, parts.keys, kLongestText);
  writer.end_object();
  writer.end_object();
  return out;
}

std::string refusal_reason_record(const model::Caller& caller,
                                  const Check& check,
                                  const policy::Decision& decision) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  append_reason(writer, caller, check, decision);
  writer.end_object();
  return out;
}

bool may_be_described(const model::Caller& caller, const Check& check) {
  const bool is_own = check.resource_account.empty() || check.resource_account == caller.account;
  return caller.kind != model::CallerKind::Anonymous && is_own && !check.wording.hides_reason &&
         check.wording.text.empty();
}

}  // namespace signet::authz
