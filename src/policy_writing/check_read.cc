#include <algorithm>
#include <array>

#include "base/strings.h"
#include "policy_language/size.h"
#include "policy_writing/check_parts.h"
#include "policy_writing/validate_parts.h"

namespace signet::policy::lint {
namespace {

bool is_sid_character(char c) {
  return is_digit(c) || is_alpha(c);
}

std::string quoted(std::string_view text) {
  return concat("\"", text, "\"");
}

// Reads a policy element by element.
class Reader {
 public:
  Reader(const PolicyJson& json, const CheckOptions& options, Findings& findings)
      : json_(json), findings_(findings), written_{.json = json, .options = options} {}

  Written read() {
    const NodeId root = json_.root();
    if (!expect(root, JsonKind::Object, "a policy is an object")) {
      return std::move(written_);
    }
    for (NodeId name = root + 1; name < json_[root].next; name = json_[name + 1].next) {
      const std::string_view key = json_[name].content;
      if (key != "Statement" && key != "Version" && key != "Id") {
        unknown_element(name, std::array<std::string_view, 3>{"Version", "Id", "Statement"});
      }
    }
    version(json_.member(root, "Version"));
    if (const NodeId id = json_.member(root, "Id"); id != kNoNode) {
      expect(id, JsonKind::String, "Id is a string");
    }
    statements(json_.member(root, "Statement"));
    sids();
    size();
    return std::move(written_);
  }

 private:
  bool expect(NodeId node, JsonKind kind, std::string_view what) {
    if (!json_.is(node, kind)) {
      findings_.add(FindingId::DataTypeMismatch, node, concat("wrong JSON type: ", what));
      return false;
    }
    return true;
  }

  template <class Names>
  void unknown_element(NodeId name, const Names& names) {
    Nearest nearest(json_[name].content);
    for (const std::string_view known : names) {
      nearest.offer(known);
    }
    findings_.add(
        FindingId::InvalidPolicyElement,
        name,
        concat(
            "no element of a policy is called ", quoted(json_[name].content), nearest.question()));
  }

  void version(NodeId node) {
    if (node == kNoNode) {
      findings_.add(FindingId::MissingVersion,
                    json_.root(),
                    "add \"Version\": \"2012-10-17\"; without it variables are literal text");
      return;
    }
    const std::string_view text = json_[node].content;
    if (!expect(node, JsonKind::String, "Version is a string")) {
      return;
    }
    written_.has_2012 = text == "2012-10-17";
    if (text == "2008-10-17") {
      findings_.add(
          FindingId::OldVersion, node, "version 2008-10-17 knows no variables; use \"2012-10-17\"");
    } else if (!written_.has_2012) {
      findings_.add(FindingId::InvalidVersion,
                    node,
                    concat(quoted(text), " is no version; use \"2012-10-17\""));
    }
  }

  void statements(NodeId node) {
    if (node == kNoNode) {
      findings_.add(FindingId::MissingStatement, json_.root(), "add a Statement");
      return;
    }
    if (json_.is(node, JsonKind::Object)) {
      statement(node);
      return;
    }
    if (!expect(node, JsonKind::Array, "Statement is an object or a list of objects")) {
      return;
    }
    if (json_[node].count == 0) {
      findings_.add(FindingId::MissingStatement, node, "add a statement to the empty list");
    }
    for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
      if (expect(element, JsonKind::Object, "a statement is an object")) {
        statement(element);
      }
    }
  }

  void statement(NodeId node) {
    WrittenStatement statement{.node = node};
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      const std::string_view key = json_[name].content;
      if (!has_word(kStatementMembers, key)) {
        unknown_element(name, kStatementMembers);
      }
    }
    effect(statement);
    statement.sid = json_.member(node, "Sid");
    pair(node, "Principal", "NotPrincipal", statement.principal, statement.is_not_principal);
    pair(node, "Action", "NotAction", statement.action, statement.is_not_action);
    pair(node, "Resource", "NotResource", statement.resource, statement.is_not_resource);
    actions(statement);
    resources(statement);
    principals(statement);
    statement.condition = json_.member(node, "Condition");
    if (statement.condition != kNoNode) {
      condition(statement);
    }
    written_.statements.push_back(std::move(statement));
  }

  void pair(NodeId node, std::string_view plain, std::string_view negated, NodeId& slot, bool& is) {
    slot = json_.member(node, plain);
    const NodeId other = json_.member(node, negated);
    if (slot != kNoNode && other != kNoNode) {
      findings_.add(FindingId::UnsupportedElementCombination,
                    other - 1,
                    concat("remove ", plain, " or ", negated, ": a statement takes one of them"));
    } else if (other != kNoNode) {
      slot = other;
      is = true;
    }
  }

  void effect(WrittenStatement& statement) {
    const NodeId node = json_.member(statement.node, "Effect");
    if (node == kNoNode) {
      findings_.add(
          FindingId::MissingEffect, statement.node, "add an Effect: \"Allow\" or \"Deny\"");
      return;
    }
    if (!expect(node, JsonKind::String, "Effect is a string")) {
      return;
    }
    statement.is_allow = json_[node].content == "Allow";
    statement.is_deny = json_[node].content == "Deny";
    if (!statement.is_allow && !statement.is_deny) {
      findings_.add(
          FindingId::InvalidEffect,
          node,
          concat(quoted(json_[node].content), " is no effect; use \"Allow\" or \"Deny\""));
    }
  }

  // The strings of a value that is a string or a list of strings.
  std::vector<Text> strings(NodeId node, std::string_view what) {
    std::vector<Text> texts;
    if (json_.is(node, JsonKind::String)) {
      texts.push_back({.text = json_[node].content, .node = node});
      return texts;
    }
    if (!expect(node, JsonKind::Array, concat(what, " is a string or a list of strings"))) {
      return texts;
    }
    for (NodeId element = node + 1; element < json_[node].next; element = json_[element].next) {
      if (expect(element, JsonKind::String, concat("an entry of ", what, " is a string"))) {
        texts.push_back({.text = json_[element].content, .node = element});
      }
    }
    return texts;
  }

  [[nodiscard]] bool is_empty_list(NodeId node) const {
    return json_.is(node, JsonKind::Array) && json_[node].count == 0;
  }

  void actions(WrittenStatement& statement) {
    if (statement.action == kNoNode) {
      findings_.add(FindingId::MissingAction, statement.node, "add Action or NotAction");
      return;
    }
    if (is_empty_list(statement.action)) {
      findings_.add(FindingId::EmptyAction, statement.action, "an empty list: name an action");
    }
    statement.actions = strings(statement.action, "Action");
  }

  void resources(WrittenStatement& statement) {
    if (written_.profile() == Profile::Trust) {
      if (statement.resource != kNoNode) {
        findings_.add(FindingId::TrustResource,
                      statement.resource - 1,
                      "remove it: a trust policy is about the role it is attached to");
      }
      return;
    }
    if (statement.resource == kNoNode) {
      findings_.add(FindingId::MissingResource, statement.node, "add Resource or NotResource");
      return;
    }
    if (is_empty_list(statement.resource)) {
      findings_.add(FindingId::EmptyResource, statement.resource, "an empty list: name a resource");
    }
    statement.resources = strings(statement.resource, "Resource");
  }

  void principals(WrittenStatement& statement) {
    const NodeId node = statement.principal;
    if (node == kNoNode) {
      return;
    }
    if (json_.is(node, JsonKind::String)) {
      if (json_[node].content == "*") {
        statement.principals.push_back(
            {.kind = PrincipalKind::Anyone, .value = {.text = json_[node].content, .node = node}});
      } else {
        findings_.add(FindingId::InvalidPrincipalFormat,
                      node,
                      "name the kind of principal, as in {\"AWS\": \"111122223333\"}");
      }
      return;
    }
    if (json_.is(node, JsonKind::Array)) {
      findings_.add(FindingId::InvalidPrincipalFormat,
                    node,
                    "a list belongs behind the kind of principal, as in {\"AWS\": [...]}");
      return;
    }
    if (!expect(node, JsonKind::Object, "a principal is \"*\" or an object")) {
      return;
    }
    if (json_[node].count == 0) {
      findings_.add(FindingId::EmptyPrincipalObject, node, "an empty object: name a principal");
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      principals_of_kind(statement, name);
    }
  }

  void principals_of_kind(WrittenStatement& statement, NodeId name) {
    static constexpr std::pair<std::string_view, PrincipalKind> kKinds[] = {
        {"AWS", PrincipalKind::Aws},
        {"Service", PrincipalKind::Service},
        {"Federated", PrincipalKind::Federated},
        {"CanonicalUser", PrincipalKind::Canonical}};
    for (const auto& [key, kind] : kKinds) {
      if (json_[name].content != key) {
        continue;
      }
      if (is_empty_list(name + 1)) {
        findings_.add(FindingId::EmptyPrincipal, name + 1, "an empty list: name a principal");
      }
      for (const Text& text : strings(name + 1, "a principal")) {
        statement.principals.push_back({.kind = kind, .value = text});
      }
      return;
    }
    findings_.add(FindingId::InvalidPrincipalKey,
                  name,
                  concat(quoted(json_[name].content),
                         " is no kind of principal; use AWS, Service, Federated or CanonicalUser"));
  }

  void condition(WrittenStatement& statement) {
    const NodeId block = statement.condition;
    if (!expect(block, JsonKind::Object, "Condition is an object")) {
      return;
    }
    if (json_[block].count == 0) {
      findings_.add(FindingId::EmptyCondition, block, "an empty Condition asks nothing: remove it");
    }
    for (NodeId name = block + 1; name < json_[block].next; name = json_[name + 1].next) {
      const auto op = operator_of(name);
      if (!expect(name + 1, JsonKind::Object, "an operator holds an object of keys")) {
        continue;
      }
      if (json_[name + 1].count == 0) {
        findings_.add(
            FindingId::EmptyCondition, name + 1, "an empty operator asks nothing: remove it");
      }
      for (NodeId key = name + 2; op && key < json_[name + 1].next; key = json_[key + 1].next) {
        test(statement, *op, key);
      }
    }
  }

  std::optional<Operator> operator_of(NodeId name) {
    const std::string_view text = json_[name].content;
    auto op = parse_operator(text);
    if (!op && starts_with_ignore_case(text.substr(text.find(':') + 1), "NullIfExists")) {
      findings_.add(FindingId::NullWithIfExists,
                    name,
                    "Null takes no IfExists: it asks whether the key exists");
    } else if (!op) {
      findings_.add(FindingId::InvalidConditionOperator,
                    name,
                    concat("no operator is called ", quoted(text)));
    } else if (!parse_operator(text, true)) {
      findings_.add(FindingId::OperatorCase, name, "AWS spells this operator otherwise");
    }
    return op;
  }

  void test(WrittenStatement& statement, const Operator& op, NodeId key) {
    Test test{
        .op = op, .key = json_[key].content, .key_node = key, .value_node = key + 1, .values = {}};
    const NodeId value = key + 1;
    if (json_[value].kind < JsonKind::Array && !json_.is(value, JsonKind::Null)) {
      test.values.push_back({.text = json_[value].content, .node = value});
    } else if (json_.is(value, JsonKind::Array)) {
      for (NodeId node = value + 1; node < json_[value].next; node = json_[node].next) {
        if (json_[node].kind >= JsonKind::Array || json_.is(node, JsonKind::Null)) {
          expect(node, JsonKind::String, "a value of a condition is a string");
        } else {
          test.values.push_back({.text = json_[node].content, .node = node});
        }
      }
      mixed_types(value);
    } else {
      expect(value, JsonKind::String, "the value of a condition is a string or a list of them");
    }
    statement.tests.push_back(std::move(test));
  }

  void mixed_types(NodeId list) {
    const JsonKind first = json_[list].count > 0 ? json_[list + 1].kind : JsonKind::String;
    for (NodeId node = list + 1; node < json_[list].next; node = json_[node].next) {
      if (json_[node].kind != first) {
        findings_.add(FindingId::InvalidConditionDataType,
                      node,
                      "write all values of a condition with the same JSON type");
        return;
      }
    }
  }

  // Sids: whose characters are checked is aws-wire 4.9; who must have unique ones, the grammar.
  void sids() {
    const Profile profile = written_.profile();
    const bool is_strict = written_.is_identity() || profile == Profile::Trust;
    for (std::size_t i = 0; i < written_.statements.size(); ++i) {
      const NodeId sid = written_.statements[i].sid;
      if (sid == kNoNode || !expect(sid, JsonKind::String, "Sid is a string")) {
        continue;
      }
      const std::string_view text = json_[sid].content;
      if (text.empty()) {
        findings_.add(FindingId::EmptySid, sid, "an empty Sid: name the statement, or remove it");
      }
      for (const char c : text) {
        if (is_strict && !is_sid_character(c)) {
          findings_.add(FindingId::UnsupportedSid, sid, "a Sid takes letters and digits only");
          break;
        }
      }
      for (std::size_t j = 0; j < i && !text.empty(); ++j) {
        const NodeId other = written_.statements[j].sid;
        if (json_.is(other, JsonKind::String) && json_[other].content == text) {
          findings_.add(written_.is_identity() || profile == Profile::Scp
                            ? FindingId::UniqueSidsRequired
                            : FindingId::UniqueSidsRecommended,
                        sid,
                        concat("another statement is called ", quoted(text), " too"));
          break;
        }
      }
    }
  }

  void size() {
    struct Quota {
      FindingId id;
      std::size_t most;
      bool counts_bytes;
    };

    const auto quota = [&]() -> Quota {
      switch (written_.profile()) {
        case Profile::Trust:
          return {FindingId::TrustPolicyTooLarge, kTrustPolicyMax, false};
        case Profile::Bucket:
        case Profile::Endpoint:
          return {FindingId::ResourcePolicyTooLarge, kBucketPolicyMaxBytes, true};
        case Profile::Scp:
          return {FindingId::ScpTooLarge, kGuardPolicyMaxBytes, true};
        case Profile::Rcp:
          return {FindingId::RcpTooLarge, kGuardPolicyMaxBytes, true};
        case Profile::Session:
          return {FindingId::IdentityPolicyTooLarge, kSessionPolicyMax, false};
        case Profile::Identity:
        case Profile::Boundary:
          break;
      }
      return {FindingId::IdentityPolicyTooLarge, kManagedPolicyMax, false};
    }();
    const std::size_t counted =
        quota.counts_bytes ? counted_bytes(json_.text()) : counted_characters(json_.text());
    if (counted > quota.most) {
      findings_.add(quota.id,
                    json_.root(),
                    concat(std::to_string(counted),
                           quota.counts_bytes ? " bytes" : " characters without white space",
                           " where ",
                           std::to_string(quota.most),
                           " are the most: split the policy"));
    }
  }

  const PolicyJson& json_;
  Findings& findings_;
  Written written_;
};

}  // namespace

Written read(const PolicyJson& json, const CheckOptions& options, Findings& findings) {
  return Reader(json, options, findings).read();
}

}  // namespace signet::policy::lint
