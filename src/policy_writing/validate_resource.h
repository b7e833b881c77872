#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_writing/validate_parts.h"

// What trust policies (aws-wire 4.10) and bucket policies (policy-semantics 1.3, S3) share. Both
// name the offending member, so they look at the JSON themselves before the grammar does. Private
// to this room.

namespace signet::policy {

// "Syntax error at position (line,column)".
[[nodiscard]] std::string position_text(const PolicyJson& json, NodeId node);

// [] or {}.
[[nodiscard]] bool is_empty_value(const PolicyJson& json, NodeId node);

// Members, Version, Statement, Effect, required members, shapes of Condition.
class ResourceRules {
 public:
  explicit ResourceRules(const PolicyJson& json) : json_(json) {}

  virtual ~ResourceRules() = default;
  ResourceRules(const ResourceRules&) = delete;
  ResourceRules& operator=(const ResourceRules&) = delete;

  // AWS's first complaint; empty when there is none.
  std::string complaint();

 protected:
  // Complaint about one statement beyond the common rules.
  virtual std::string special(NodeId statement) = 0;

  // A Sid is free text, as in policies that services other than IAM keep.
  [[nodiscard]] virtual bool takes_any_sid() const = 0;

  template <class Visit>
  std::string each(NodeId node, Visit visit) {
    return first_complaint(json_, node, visit);
  }

  // A string or a list of strings.
  [[nodiscard]] bool is_strings(NodeId node) const;

  [[nodiscard]] bool is_allow(NodeId statement) const;

  const PolicyJson& json_;

 private:
  std::string statements(NodeId node);
  std::string statement_ids(std::vector<std::string_view>& sids) const;
  std::string statement(NodeId node);
  std::string effect(NodeId statement);
  std::string shapes(NodeId statement);
  std::string condition(NodeId node);
};

}  // namespace signet::policy
