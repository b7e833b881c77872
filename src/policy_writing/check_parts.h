#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "facts/catalogue.h"
#include "policy_language/operators.h"
#include "policy_language/policy_json.h"
#include "policy_writing/finding.h"
#include "policy_writing/validate_parts.h"

// A policy as the linter reads it: also one that no evaluator would take. Private to this room.

namespace signet::policy::lint {

using facts::FindingId;

// One string of a document and where it stands.
struct Text {
  std::string_view text;
  NodeId node = kNoNode;
};

// One key of a Condition block.
struct Test {
  Operator op;
  std::string_view key;
  NodeId key_node = kNoNode;
  NodeId value_node = kNoNode;
  std::vector<Text> values = {};
};

enum class PrincipalKind : std::uint8_t { Anyone, Aws, Service, Federated, Canonical };

struct PrincipalName {
  PrincipalKind kind = PrincipalKind::Aws;
  Text value;
};

struct WrittenStatement {
  NodeId node = kNoNode;
  bool is_allow = false;
  bool is_deny = false;  // neither when Effect is wrong
  NodeId sid = kNoNode;
  NodeId principal = kNoNode;  // values of the elements; kNoNode when absent
  NodeId action = kNoNode;
  NodeId resource = kNoNode;
  NodeId condition = kNoNode;
  bool is_not_principal = false;
  bool is_not_action = false;
  bool is_not_resource = false;
  std::vector<Text> actions = {};
  std::vector<Text> resources = {};
  std::vector<PrincipalName> principals = {};
  std::vector<Test> tests = {};

  // A test of that key, ASCII case ignored; null when there is none.
  [[nodiscard]] const Test* find(std::string_view key) const;
};

struct Written {
  const PolicyJson& json;
  const CheckOptions& options;
  bool has_2012 = false;
  std::vector<WrittenStatement> statements = {};

  [[nodiscard]] Profile profile() const { return options.document.profile; }

  // Identity, boundary and session policies.
  [[nodiscard]] bool is_identity() const;
};

// Where findings go.
class Findings {
 public:
  Findings(const PolicyJson& json, std::vector<Finding>& out) : json_(json), out_(out) {}

  void add(FindingId id, NodeId node, std::string message);
  // With another severity than the table's.
  void add_as(Severity severity, FindingId id, NodeId node, std::string message);
  // RetiredService, if the prefix is that of a service that has ended; whether it is.
  // `consequence`: what that means for what stands at the node.
  bool add_if_retired(std::string_view prefix, NodeId node, std::string_view consequence);

 private:
  const PolicyJson& json_;
  std::vector<Finding>& out_;
};

// Reads a JSON text and says what is wrong with its structure (check_read.cc).
[[nodiscard]] Written read(const PolicyJson& json, const CheckOptions& options, Findings& findings);

// The themes, one file each.
void check_actions(const Written& policy, Findings& findings);
void check_resources(const Written& policy, Findings& findings);
void check_conditions(const Written& policy, Findings& findings);
void check_values(const Written& policy, Findings& findings);
void check_keys_for_actions(const Written& policy, Findings& findings);
void check_principals(const Written& policy, Findings& findings);
void check_trust(const Written& policy, Findings& findings);
void check_services(const Written& policy, Findings& findings);
void check_power(const Written& policy, Findings& findings);
void check_fail_open(const Written& policy, Findings& findings);
void check_redundancy(const Written& policy, Findings& findings);

// Helpers that several themes share (check_parts.cc).

[[nodiscard]] bool has_wildcard(std::string_view text);
[[nodiscard]] bool has_variable(std::string_view text);
[[nodiscard]] bool starts_with_ignore_case(std::string_view text, std::string_view prefix);

// Some text matches both: `*` any run, `?` one character, ${...} any run. ASCII case ignored when
// asked. Complexity: product of the lengths.
[[nodiscard]] bool can_overlap(std::string_view a, std::string_view b, bool ignore_case = false);

// What the catalogue or the engine's own table says about a condition key.
struct KeyFacts {
  facts::KeyType type = facts::KeyType::String;
  bool is_list = false;
  bool is_either = false;     // AWS asks it with and without a set operator
  bool is_of_caller = false;  // may come with any action
};

// Nothing for a key nobody knows.
[[nodiscard]] std::optional<KeyFacts> find_key(std::string_view name);

// A list of keys of the catalogue has this one, ASCII case ignored.
[[nodiscard]] bool lists_key(std::string_view keys, std::string_view key);

// The action takes the key: itself, or one of its resource types.
[[nodiscard]] bool takes_key(const facts::CatalogueService& service,
                             const facts::CatalogueAction& action,
                             std::string_view key);

// "service" and "Name" of an action as written; the second is empty without a colon.
[[nodiscard]] std::pair<std::string_view, std::string_view> split_action(std::string_view action);

// The reference lists actions of this service, instead of an AWS-managed policy alone.
[[nodiscard]] bool is_documented(const facts::CatalogueService& service);

// The test can only be true when its key is in the request, and then only for some values.
[[nodiscard]] bool needs_its_key(const Test& test);

// A string value with this text among the test's values, ASCII case ignored.
[[nodiscard]] bool has_value(const Test& test, std::string_view value);

}  // namespace signet::policy::lint
