#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Who can become whom, and by which calls.

namespace signet::escalation {

// Under which circumstances a call is allowed.
struct Condition {
  enum class Kind : std::uint8_t { Always, If, Unknown };
  Kind kind = Kind::Always;
  // If: Condition blocks of policy language, of which one has to be met; proved.
  std::vector<std::string> formula;
  std::string reason;  // Unknown: some requests may be allowed, and why it is not known which
};

// One call on the way.
struct Call {
  std::string action;    // the permission that it takes, "iam:CreateAccessKey"
  std::string resource;  // on what, an ARN or "*"
  std::string command;   // a line of the AWS CLI; empty: the line before makes this call as well
  Condition condition;
};

// One principal's way to another, or to everything. All calls are needed, in this order.
struct Way {
  std::string to;           // ARN of who is become
  std::vector<Call> calls;  // none: nothing is left to do
};

// What a user or role can make of what it may.
struct Powers {
  std::string principal;  // ARN
  // How it becomes an administrator by itself: nothing but the organization's policies then limits
  // it. Without calls: it is one. Nothing: it cannot.
  std::optional<Way> everything;
  // Whom it can become in one step, the way with the fewest conditions each. Not told of who can
  // have everything: that is everybody of the account.
  std::vector<Way> becomes;
  // Whom else it can make an administrator, without becoming them.
  std::vector<Way> strengthens;
};

// The weakest of the calls' conditions: Unknown, If or Always.
[[nodiscard]] Condition::Kind kind_of(const Way& way);

// No call of the way is allowed without MFA.
[[nodiscard]] bool needs_mfa(const Way& way);

}  // namespace signet::escalation
