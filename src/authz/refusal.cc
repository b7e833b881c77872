#include "authz/refusal.h"

#include "codec/json_writer.h"
#include "policy_language/document.h"

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
    if (node == policy::kNoNode) {
      return;
    }
    if (json[node].kind != JsonKind::Array) {
      value(json[node].content);
      return;
    }
    NodeId child = node + 1;
    for (std::uint32_t i = 0; i < json[node].count; ++i, child = json[child].next) {
      value(json[child].content);
    }
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

void append_key(JsonWriter& writer, const policy::RequestContext& keys, std::string_view name) {
  const policy::Value value = keys.find(policy::resolve_key(name));
  if (value.is_absent()) {
    return;
  }
  writer.begin_object();
  writer.member("key", name);
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
  for (const std::string& name : parts.key_names) {
    append_key(writer, parts.keys, name);
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

bool may_be_described(const model::Caller& caller, const Check& check) {
  const bool is_own = check.resource_account.empty() || check.resource_account == caller.account;
  return caller.kind != model::CallerKind::Anonymous && is_own && !check.wording.hides_reason &&
         check.wording.text.empty();
}

}  // namespace signet::authz
