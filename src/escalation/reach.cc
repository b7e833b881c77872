#include "escalation/reach.h"

#include <utility>

#include "base/strings.h"
#include "policy_engine/compiled.h"
#include "policy_engine/evaluate.h"

namespace signet::escalation {
namespace {

constexpr std::string_view kUserName = "${aws:username}";

// The pattern with the caller's name in it.
std::string with_name(std::string_view pattern, std::string_view user_name) {
  std::string text(pattern);
  for (std::size_t at = 0; at + kUserName.size() <= text.size(); ++at) {
    if (equals_ignore_case(std::string_view(text).substr(at, kUserName.size()), kUserName)) {
      text.replace(at, kUserName.size(), user_name);
      at += user_name.size();
    }
  }
  return text;
}

void add_pattern(std::string_view pattern, const ReachOf& of, Reach& reach) {
  // A role has no name of that kind, so the pattern matches nothing.
  if (of.user_name.empty() && to_lower(pattern).find(kUserName) != std::string::npos) {
    return;
  }
  std::string text = with_name(pattern, of.user_name);
  // Calls of IAM are about the caller's own account.
  constexpr std::string_view kAnyAccount = "arn:aws:iam::*:";
  if (of.action.starts_with("iam:") && text.starts_with(kAnyAccount)) {
    text.replace(kAnyAccount.size() - 2, 1, of.account);
  }
  const std::size_t open = text.find_first_of("*?$");
  reach.parts.push_back({.text = text.substr(0, open), .is_whole = open == std::string::npos});
}

// Sorted, and none within another.
void put_in_order(Reach& reach) {
  std::ranges::sort(reach.parts, {}, [](const Reach::Part& part) {
    return std::pair(std::string_view(part.text), part.is_whole);
  });
  std::vector<Reach::Part> kept;
  for (Reach::Part& part : reach.parts) {
    const bool is_told =
        !kept.empty() && (kept.back().is_whole ? part.is_whole && part.text == kept.back().text
                                               : part.text.starts_with(kept.back().text));
    if (!is_told) {
      kept.push_back(std::move(part));
    }
  }
  reach.parts = std::move(kept);
}

}  // namespace

Reach reach_of(const policy::PolicySet* set, const ReachOf& of) {
  Reach reach;
  if (set == nullptr || set->is_broken()) {
    return reach;
  }
  const policy::Request request{.action = of.action, .resource = "*"};
  const policy::RequestParts parts(request);
  const policy::Principal nobody;
  const policy::RequestContext empty;
  const policy::Evaluation evaluation(parts, nobody, empty, policy::kDefaultSettings, false);
  for (const policy::PolicyMember& member : set->members()) {
    const policy::CompiledPolicy& policy = *member.policy;
    for (const policy::CompiledStatement& statement : policy.statements) {
      if (statement.effect != policy::Effect::Allow ||
          !evaluation.action_applies(policy, statement)) {
        continue;
      }
      if (statement.is_not_resource) {
        reach.parts.push_back({});
        continue;
      }
      for (const policy::ResourcePattern& pattern :
           policy::CompiledPolicy::slice(policy.resources, statement.resources)) {
        add_pattern(pattern.text, of, reach);
      }
    }
  }
  put_in_order(reach);
  return reach;
}

}  // namespace signet::escalation
