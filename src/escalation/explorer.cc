#include "escalation/explorer.h"

#include "escalation/search.h"

namespace signet::escalation {

struct Explorer::State {
  State(const identity::Snapshot& of, Instant at)
      : snapshot(of), now(at), roster(of), decider(at) {}

  const identity::Snapshot& snapshot;
  Instant now;
  Roster roster;
  Decider decider;
  authz::PolicySources sources;
};

Explorer::Explorer(const identity::Snapshot& snapshot, Instant now)
    : state_(std::make_unique<State>(snapshot, now)) {}

Explorer::~Explorer() = default;

std::optional<Powers> Explorer::powers_of(std::string_view arn) {
  const auto asker = asker_named(arn, state_->snapshot, state_->now);
  if (!asker) {
    return std::nullopt;
  }
  SearchTools tools{.roster = state_->roster,
                    .decider = state_->decider,
                    .sources = state_->sources,
                    .now = state_->now};
  Search search(tools, state_->snapshot, *asker);
  Powers powers{.principal = asker->arn, .everything = search.everything()};
  if (!powers.everything) {
    powers.becomes = search.becomes();
    powers.strengthens = search.strengthens();
  }
  return powers;
}

std::vector<std::string> Explorer::principals(std::string_view account) const {
  std::vector<std::string> arns;
  for (const auto& user : state_->roster.users) {
    if (account.empty() || user.entity->account == account) {
      arns.push_back(user.arn);
    }
  }
  for (const auto& role : state_->roster.roles) {
    if (account.empty() || std::string_view(role.entity->account) == account) {
      arns.push_back(role.arn);
    }
  }
  return arns;
}

std::vector<Powers> find_graph(const identity::Snapshot& snapshot, Instant now) {
  Explorer explorer(snapshot, now);
  std::vector<Powers> graph;
  for (const std::string& arn : explorer.principals({})) {
    if (auto powers = explorer.powers_of(arn)) {
      graph.push_back(*std::move(powers));
    }
  }
  return graph;
}

}  // namespace signet::escalation
