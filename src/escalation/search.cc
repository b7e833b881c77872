#include "escalation/search.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"

namespace signet::escalation {
namespace {

// The first value that a formula compares a key with.
std::string value_in(const Condition& condition, std::string_view key) {
  if (condition.formula.size() != 1) {
    return {};
  }
  const std::string& block = condition.formula.front();
  const std::string wanted = concat("\"", key, "\":\"");
  const std::size_t at = block.find(wanted);
  if (at == std::string::npos) {
    return {};
  }
  const std::size_t begin = at + wanted.size();
  return block.substr(begin, block.find('"', begin) - begin);
}

// What the condition asks of the command line.
std::string with_parameters(std::string command, const Call& call) {
  if (call.action != "sts:AssumeRole" || command.empty()) {
    return command;
  }
  if (const std::string id = value_in(call.condition, "sts:ExternalId"); !id.empty()) {
    command += concat(" --external-id ", shell_quoted(id));
  }
  if (needs_mfa({.to = {}, .calls = {call}})) {
    command += " --serial-number MFA-DEVICE --token-code CODE";
  }
  return command;
}

Condition::Kind kind_of(const std::vector<Call>& calls) {
  return escalation::kind_of(Way{.to = {}, .calls = calls});
}

}  // namespace

bool is_better(const std::vector<Call>& a, const std::vector<Call>& b) {
  return std::pair(kind_of(a), a.size()) < std::pair(kind_of(b), b.size());
}

Search::Search(SearchTools& tools, const identity::Snapshot& snapshot, const Asker& asker)
    : tools_(tools), snapshot_(snapshot), asker_(asker) {
  const authz::RequestInfo request{.region = "us-east-1", .now = tools.now};
  identity_ =
      tools.sources
          .of_caller({.snapshot = snapshot, .caller = asker.callers.front(), .request = request})
          .identity;
}

const Reach& Search::reach(std::string_view action) {
  const auto known = reaches_.find(action);
  if (known != reaches_.end()) {
    return known->second;
  }
  const std::string_view name =
      asker_.user != nullptr ? std::string_view(asker_.user->name) : std::string_view();
  return reaches_
      .emplace(std::string(action),
               reach_of(identity_.get(),
                        {.action = action, .account = asker_.account(), .user_name = name}))
      .first->second;
}

bool Search::reaches(std::string_view action, const std::string& arn) {
  return std::ranges::any_of(reach(action).parts, [&arn](const Reach::Part& part) {
    return part.is_whole ? arn == part.text : arn.starts_with(part.text);
  });
}

std::optional<Call> Search::ask(const Planned& planned,
                                const identity::Snapshot& snapshot,
                                const Asker& asker) {
  auto condition = tools_.decider.ask(snapshot, asker, planned.check);
  if (!condition) {
    return std::nullopt;
  }
  Call call{.action = planned.check.action,
            .resource = planned.check.resource,
            .command = {},
            .condition = *std::move(condition)};
  call.command = with_parameters(planned.command, call);
  return call;
}

Search::Calls Search::ask_all(const std::vector<Planned>& planned) {
  std::vector<Call> calls;
  for (const Planned& one : planned) {
    auto call = ask(one);
    if (!call) {
      return std::nullopt;
    }
    calls.push_back(*std::move(call));
  }
  return calls;
}

void Search::add_way(std::string to, Calls calls, std::map<std::string, Way>& ways) const {
  if (!calls || to == asker_.arn) {
    return;
  }
  const auto [at, is_new] = ways.emplace(to, Way{.to = to, .calls = {}});
  if (is_new || is_better(*calls, at->second.calls)) {
    at->second.calls = *std::move(calls);
  }
}

std::vector<Way> Search::becomes() {
  std::map<std::string, Way> ways;
  find_roles(ways);
  find_trust_changes(ways);
  find_saml(ways);
  find_missing_providers(ways);
  find_anywhere(ways);
  find_users(ways);
  std::vector<Way> all;
  all.reserve(ways.size());
  for (auto& [to, way] : ways) {
    all.push_back(std::move(way));
  }
  return all;
}

}  // namespace signet::escalation
