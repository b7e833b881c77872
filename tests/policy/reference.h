#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The slow truth: policy-semantics, rule by rule, over plain JSON trees. Shares no code with
// src/policy_* but the JSON text, not even the reader. Quadratic and meant to stay so. Carries
// switchable mistakes ("mutants"): a test suite that does not notice one of them is too weak.

namespace signet::ref {

struct Json {
  enum class Kind { Null, Bool, Number, String, Array, Object };
  Kind kind = Kind::Null;
  std::string text;  // String: unescaped; Bool and Number: the token
  std::vector<std::pair<std::string, Json>> members;
  std::vector<Json> items;

  [[nodiscard]] const Json* find(std::string_view name) const;
};

// Reads valid JSON; throws std::runtime_error on anything else.
[[nodiscard]] Json parse_json(std::string_view text);

// One or several strings of a value.
[[nodiscard]] std::vector<std::string> texts(const Json* value);

struct ContextValue {
  bool is_list = false;
  std::vector<std::string> values;
};

using Context = std::map<std::string, ContextValue>;  // names as given

struct Policy {
  Json document;
  std::map<std::string, std::string> pins;
};

using PolicyList = std::vector<Policy>;

// What is asked, in the batch's terms (issue: `policy eval --batch`).
struct Question {
  std::optional<std::string> principal;
  std::string principal_id;
  std::string canonical_user_id;
  std::string issuer;
  std::string action;
  std::string resource = "*";
  std::string resource_account;
  bool wildcard_only = false;
  bool creates_resource = false;
  Context context;
  std::optional<PolicyList> identity;
  std::optional<PolicyList> boundary;
  std::optional<PolicyList> session;
  std::optional<PolicyList> resource_policy;
  std::optional<PolicyList> endpoint;
  std::vector<PolicyList> scps;
  std::vector<PolicyList> rcps;
  std::vector<PolicyList> scopes;  // layers of GetScopedCredentials
};

// Reads a question from its batch JSON.
[[nodiscard]] Question read_question(const Json& json);

struct Answer {
  std::string verdict;  // Allowed, ImplicitlyDenied, ExplicitlyDenied
  std::string reason;   // identity, resource, ...
  // Statements that decided: "level/policy/statement"; level is 0 but for SCPs and RCPs.
  std::set<std::string> matched;
};

using Settings =
    std::map<std::string, bool, std::less<>>;  // names of policy::Settings; absent: the default

[[nodiscard]] Answer decide(const Question& question, const Settings& settings);

// 0: none. See mutants().
void select_mutant(int number);

struct Mutant {
  int number;
  const char* mistake;
};

[[nodiscard]] std::span<const Mutant> mutants();

}  // namespace signet::ref
