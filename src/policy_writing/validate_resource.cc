#include "policy_writing/validate_resource.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "policy_language/operators.h"

namespace signet::policy {

std::string position_text(const PolicyJson& json, NodeId node) {
  const Position at = position_of(json.text(), json[node].span.begin);
  return concat(
      "Syntax error at position (", std::to_string(at.line), ",", std::to_string(at.column), ")");
}

bool is_empty_value(const PolicyJson& json, NodeId node) {
  return (json.is(node, JsonKind::Array) || json.is(node, JsonKind::Object)) &&
         json[node].count == 0;
}

std::string ResourceRules::complaint() {
  static constexpr std::array<std::string_view, 3> kTop{"Version", "Id", "Statement"};
  const NodeId root = json_.root();
  if (!json_.is(root, JsonKind::Object)) {
    return position_text(json_, root);
  }
  for (NodeId name = root + 1; name < json_[root].next; name = json_[name + 1].next) {
    if (!has_word(kTop, json_[name].content)) {
      return concat("Unknown field ", json_[name].content);
    }
  }
  const NodeId version = json_.member(root, "Version");
  const bool is_version =
      version == kNoNode ||
      (json_.is(version, JsonKind::String) &&
       (json_[version].content == "2012-10-17" || json_[version].content == "2008-10-17"));
  if (!is_version) {
    return "The policy must contain a valid version string";
  }
  const NodeId id = json_.member(root, "Id");
  if (id != kNoNode && !json_.is(id, JsonKind::String)) {
    return position_text(json_, id);
  }
  return statements(json_.member(root, "Statement"));
}

bool ResourceRules::is_strings(NodeId node) const {
  if (json_.is(node, JsonKind::String)) {
    return true;
  }
  if (!json_.is(node, JsonKind::Array)) {
    return false;
  }
  for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
    if (!json_.is(element, JsonKind::String)) {
      return false;
    }
  }
  return true;
}

bool ResourceRules::is_allow(NodeId statement) const {
  const NodeId effect = json_.member(statement, "Effect");
  return json_.is(effect, JsonKind::String) && json_[effect].content == "Allow";
}

std::string ResourceRules::statements(NodeId node) {
  if (node == kNoNode || is_empty_value(json_, node)) {
    return "Could not parse the policy: Statement is empty!";
  }
  if (!json_.is(node, JsonKind::Object) && !json_.is(node, JsonKind::Array)) {
    return position_text(json_, node);
  }
  const bool is_list = json_.is(node, JsonKind::Array);
  std::vector<std::string_view> sids;
  for (NodeId element = is_list ? node + 1 : node; element < json_[node].next;
       element = json_[element].next) {
    if (std::string result = statement(element); !result.empty()) {
      return result;
    }
    const NodeId sid = json_.member(element, "Sid");
    if (sid != kNoNode && !json_[sid].content.empty()) {
      sids.push_back(json_[sid].content);
    }
  }
  return statement_ids(sids);
}

std::string ResourceRules::statement_ids(std::vector<std::string_view>& sids) const {
  const bool is_any_odd =
      !takes_any_sid() && std::any_of(sids.begin(), sids.end(), [](std::string_view sid) {
        return !std::all_of(sid.begin(), sid.end(), is_sid_char);
      });
  if (is_any_odd) {
    return std::string(kBadSid);
  }
  std::sort(sids.begin(), sids.end());
  const bool is_repeated = std::adjacent_find(sids.begin(), sids.end()) != sids.end();
  return is_repeated ? "The Statement Ids in the policy are not unique" : "";
}

std::string ResourceRules::statement(NodeId node) {
  if (!json_.is(node, JsonKind::Object)) {
    return position_text(json_, node);
  }
  for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
    if (!has_word(kStatementMembers, json_[name].content)) {
      return concat("Unknown field ", json_[name].content);
    }
  }
  std::string result = effect(node);
  result = result.empty() ? shapes(node) : result;
  return result.empty() ? special(node) : result;
}

std::string ResourceRules::effect(NodeId statement) {
  const NodeId node = json_.member(statement, "Effect");
  if (node == kNoNode) {
    return "Missing required field Effect";
  }
  if (!json_.is(node, JsonKind::String)) {
    return position_text(json_, node);
  }
  const std::string_view text = json_[node].content;
  return text == "Allow" || text == "Deny" ? "" : concat("Invalid effect: ", text);
}

std::string ResourceRules::shapes(NodeId statement) {
  static constexpr std::array<std::array<std::string_view, 2>, 3> kPairs{
      {{"Action", "NotAction"}, {"Resource", "NotResource"}, {"Principal", "NotPrincipal"}}};
  for (const auto& pair : kPairs) {
    const NodeId positive = json_.member(statement, pair[0]);
    const NodeId negative = json_.member(statement, pair[1]);
    if (positive != kNoNode && negative != kNoNode) {
      return position_text(json_, negative);
    }
    const NodeId node = positive != kNoNode ? positive : negative;
    const bool is_principal = pair[0] == "Principal";
    if (node != kNoNode && !is_principal && !is_strings(node)) {
      return position_text(json_, node);
    }
  }
  const NodeId sid = json_.member(statement, "Sid");
  if (sid != kNoNode && !json_.is(sid, JsonKind::String)) {
    return position_text(json_, sid);
  }
  return condition(json_.member(statement, "Condition"));
}

std::string ResourceRules::condition(NodeId node) {
  if (node == kNoNode) {
    return {};
  }
  if (!json_.is(node, JsonKind::Object)) {
    return position_text(json_, node);
  }
  for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
    const NodeId body = name + 1;
    const bool is_bad = !json_.is(body, JsonKind::Object) ||
                        (json_[body].count > 0 && !parse_operator(json_[name].content));
    if (is_bad) {
      return position_text(json_, name);
    }
  }
  return {};
}

}  // namespace signet::policy
