#include "escalation/explorer.h"

#include <algorithm>
#include <utility>

#include "escalation/search.h"

namespace signet::escalation {
namespace {

Way behind(const std::vector<Call>& first, Way way) {
  way.calls.insert(way.calls.begin(), first.begin(), first.end());
  return way;
}

void add(Way way, std::vector<Way>& ways) {
  const auto at = std::ranges::lower_bound(ways, way.to, {}, &Way::to);
  if (at == ways.end() || at->to != way.to) {
    ways.insert(at, std::move(way));
  } else if (is_better(way.calls, at->calls)) {
    *at = std::move(way);
  }
}

Powers powers_in(Search& search, const Asker& asker) {
  Powers powers{.principal = asker.arn, .everything = search.everything()};
  if (!powers.everything) {
    powers.becomes = search.becomes();
    powers.strengthens = search.strengthens();
  }
  return powers;
}

// What a principal can do once it took away what limits it.
void add_freed(const std::vector<Call>& calls, Powers then, Powers& powers) {
  if (then.everything) {
    Way way = behind(calls, *std::move(then.everything));
    if (!powers.everything || is_better(way.calls, powers.everything->calls)) {
      powers.everything = std::move(way);
    }
  }
  if (powers.everything) {
    powers.becomes.clear();
    powers.strengthens.clear();
    return;
  }
  for (Way& way : then.becomes) {
    add(behind(calls, std::move(way)), powers.becomes);
  }
  for (Way& way : then.strengthens) {
    add(behind(calls, std::move(way)), powers.strengthens);
  }
}

}  // namespace

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
  Powers powers = powers_in(search, *asker);
  if (powers.everything && kind_of(*powers.everything) == Condition::Kind::Always) {
    return powers;
  }
  for (const Search::Freed& freed : search.freed()) {
    const auto then = asker_named(arn, freed.snapshot, state_->now);
    if (then) {
      Search next(tools, freed.snapshot, *then);
      add_freed(freed.calls, powers_in(next, *then), powers);
    }
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
