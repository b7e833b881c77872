#include "policy_telling/message.h"

#include <array>

#include "base/strings.h"

namespace signet::policy {
namespace {

struct Words {
  std::string_view with_article;  // "with an explicit deny in ..."
  std::string_view plain;         // "because no ... allows the X action"
};

// aws-wire 2.3, indexed by PolicyType.
constexpr std::array<Words, 10> kWords{{
    {},
    {"an identity-based policy", "identity-based policy"},
    {"a resource-based policy", "resource-based policy"},
    {"a permissions boundary", "permissions boundary"},
    {"a session policy", "session policy"},
    {"a service control policy", "service control policy"},
    {"a resource control policy", "resource control policy"},
    {"a VPC endpoint policy", "VPC endpoint policy"},
    {"the role trust policy", "role trust policy"},
    {"a session policy", "session policy"},
}};

// The ARN of the managed policy that denied; empty for inline policies.
std::string_view managed_policy(const Decision& decision) {
  if (!decision.statement.is_set()) {
    return {};
  }
  const std::string_view id = decision.statement.set->members()[decision.statement.policy].id;
  return id.starts_with("arn:") ? id : std::string_view();
}

}  // namespace

std::string denial_reason(const Decision& decision, std::string_view action) {
  const Words& words = kWords[static_cast<std::size_t>(decision.type)];
  if (decision.is_allowed() || words.plain.empty()) {
    return {};
  }
  if (decision.verdict == Verdict::ImplicitlyDenied) {
    return concat("because no ", words.plain, " allows the ", action, " action");
  }
  const std::string_view arn = managed_policy(decision);
  return concat("with an explicit deny in ", words.with_article, arn.empty() ? "" : ": ", arn);
}

std::string access_denied_message(const Decision& decision, const DenialText& text) {
  const std::string_view caller =
      text.caller_arn.empty() ? std::string_view("anonymous") : text.caller_arn;
  std::string message = concat("User: ", caller, " is not authorized to perform: ", text.action);
  if (!text.resource.empty()) {
    const std::string_view quote = text.quote_resource ? "\"" : "";
    message += concat(" on resource: ", quote, text.resource, quote);
  }
  const std::string reason =
      text.with_reason ? denial_reason(decision, text.action) : std::string();
  if (!reason.empty()) {
    message += concat(" ", reason);
  }
  return message;
}

}  // namespace signet::policy
