#include "policy_telling/words.h"

#include <cstdint>
#include <string_view>

#include "base/strings.h"

namespace signet::policy {
namespace {

// The texts of a string or of a list, with commas.
std::string list_text(const PolicyJson& json, NodeId id) {
  std::string out;
  each_text(json, id, [&](std::string_view text) {
    out += out.empty() ? "" : ", ";
    out += text;
  });
  return out;
}

// "StringEquals aws:RequestedRegion eu-west-1; Bool ..." : operators, keys and values as written.
std::string condition_text(const PolicyJson& json, NodeId condition) {
  std::string out;
  NodeId op = condition + 1;
  for (std::uint32_t i = 0; i < json[condition].count; ++i) {
    const NodeId keys = op + 1;
    NodeId key = keys + 1;
    for (std::uint32_t k = 0; k < json[keys].count; ++k) {
      out += out.empty() ? "" : "; ";
      out += concat(json[op].content, " ", json[key].content, " ", list_text(json, key + 1));
      key = json[key + 1].next;
    }
    op = json[keys].next;
  }
  return out;
}

// "everybody", or "AWS arn:..., Service x.amazonaws.com".
std::string principal_text(const PolicyJson& json, NodeId principal) {
  if (!json.is(principal, JsonKind::Object)) {
    return "everybody";
  }
  std::string out;
  NodeId type = principal + 1;
  for (std::uint32_t i = 0; i < json[principal].count; ++i) {
    const std::string who = list_text(json, type + 1);
    out += out.empty() ? "" : ", ";
    out += who == "*" ? "everybody" : concat(json[type].content, " ", who);
    type = json[type + 1].next;
  }
  return out;
}

std::string subject_of(const Document& document, const Statement& statement) {
  if (!statement.has_principal()) {
    return "It";
  }
  std::string who = principal_text(document.json(), statement.principal);
  if (statement.is_not_principal) {
    return concat("Everybody except ", who);
  }
  who[0] = who == "everybody" ? 'E' : who[0];
  return who;
}

std::string things(const PolicyJson& json, NodeId id, bool is_not, std::string_view everything) {
  const std::string names = list_text(json, id);
  if (is_not) {
    return concat("everything except ", names);
  }
  return names == "*" ? std::string(everything) : names;
}

}  // namespace

std::string sentence_of(const Document& document, const Statement& statement) {
  const PolicyJson& json = document.json();
  std::string out = subject_of(document, statement);
  out += statement.effect == Effect::Allow ? " may do " : " may never do ";
  out += things(json, statement.action, statement.is_not_action, "everything");
  if (statement.resource != kNoNode) {
    out += concat(" on ",
                  things(json, statement.resource, statement.is_not_resource, "every resource"));
  }
  if (statement.condition != kNoNode) {
    out += concat(", only if ", condition_text(json, statement.condition));
  }
  return out + ".";
}

}  // namespace signet::policy
