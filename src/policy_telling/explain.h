#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "policy_engine/decide.h"

namespace signet::policy {

// One part of a statement against one request: "Principal", "Action", "Resource", or "Condition"
// for one operator and key.
struct PartTrace {
  std::string part;
  bool matched = false;
  std::string wanted;  // what the policy says
  std::string given;   // what the request says; "(absent)" for a key it does not carry
};

// One statement against one request.
struct StatementTrace {
  PolicyType type = PolicyType::Identity;
  std::size_t level = 0;  // SCPs and RCPs: 0 is the root of the organization
  std::string policy_id;
  std::size_t policy = 0;     // index in its set
  std::size_t statement = 0;  // index in its document
  std::string sid;
  Effect effect = Effect::Deny;
  Position begin;  // of the opening brace in the policy's text
  Position end;    // of the closing brace
  bool applies = false;
  bool is_deciding = false;
  std::vector<PartTrace> parts;  // all of them, also behind the first that fails
};

// Why a request was decided as it was.
struct Trace {
  std::string principal;
  std::string action;
  std::string resource;
  Decision decision;
  std::vector<StatementTrace>
      statements;  // in the order kinds of policy are named, then in document order
  std::vector<std::string> unreadable;  // policies that could not be loaded
  std::vector<std::string>
      missing_keys;  // read by a statement whose action and resource match, absent in the request
};

// The decision with every statement that was looked at. The decision is decide()'s own. Slow; not
// for the request path.
[[nodiscard]] Trace explain(const Request& request,
                            const Principal& principal,
                            const RequestContext& context,
                            const PolicyInputs& policies,
                            const Settings& settings = kDefaultSettings);

// For people: the verdict, then each statement with what matched and what did not.
[[nodiscard]] std::string render_text(const Trace& trace);

// The same as one JSON object (docs/reference/policy-batch.md).
[[nodiscard]] std::string render_json(const Trace& trace);

// Statements that would have made an implicit denial an allowance, had they applied: of the
// deciding kind of policy, with the right action, and with those parts alone that did not match.
// The nearest first, at most `limit`. Nothing for other decisions. Looks at no other statement, so
// that it costs about as much as a decision without an index.
[[nodiscard]] std::vector<StatementTrace> nearest_statements(
    const Decision& decision,
    const Request& request,
    const Principal& principal,
    const RequestContext& context,
    const PolicyInputs& policies,
    std::size_t limit,
    const Settings& settings = kDefaultSettings);

// Every statement of the deciding kind of policy that applies with the deciding effect, in document
// order: the Allow statements behind an allowance, the Deny statements behind an explicit denial,
// nothing for an implicit one.
[[nodiscard]] std::vector<StatementRef> matched_statements(
    const Decision& decision,
    const Request& request,
    const Principal& principal,
    const RequestContext& context,
    const PolicyInputs& policies,
    const Settings& settings = kDefaultSettings);

}  // namespace signet::policy
