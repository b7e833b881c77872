#include "escalation/graph.h"

#include <algorithm>
#include <map>
#include <queue>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "model/arn.h"

namespace signet::escalation {
namespace {

using codec::Json;
using codec::JsonWriter;

constexpr std::string_view kKinds[] = {"always", "if", "unknown"};

void write(JsonWriter& json, const Call& call) {
  json.begin_object();
  json.member("action", call.action);
  json.member("resource", call.resource);
  json.member("answer", kKinds[static_cast<std::size_t>(call.condition.kind)]);
  if (!call.condition.formula.empty()) {
    json.key("formula");
    json.begin_array();
    for (const std::string& block : call.condition.formula) {
      json.literal(block);
    }
    json.end_array();
  }
  if (!call.condition.reason.empty()) {
    json.member("reason", call.condition.reason);
  }
  if (!call.command.empty()) {
    json.member("command", call.command);
  }
  json.end_object();
}

void write(JsonWriter& json, const Way& way) {
  json.begin_object();
  json.member("to", way.to);
  json.member("answer", kKinds[static_cast<std::size_t>(kind_of(way))]);
  json.key("calls");
  json.begin_array();
  for (const Call& call : way.calls) {
    write(json, call);
  }
  json.end_array();
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const std::vector<Way>& ways) {
  json.key(name);
  json.begin_array();
  for (const Way& way : ways) {
    write(json, way);
  }
  json.end_array();
}

std::optional<Condition> read_condition(const Json& json) {
  const auto kind = std::ranges::find(kKinds, json.string_at("answer"));
  if (kind == std::end(kKinds)) {
    return std::nullopt;
  }
  Condition condition{.kind = static_cast<Condition::Kind>(kind - std::begin(kKinds)),
                      .formula = {},
                      .reason = std::string(json.string_at("reason"))};
  if (const Json* formula = json.find("formula"); formula != nullptr) {
    for (const Json& block : formula->items()) {
      codec::append_json(condition.formula.emplace_back(), block);
    }
  }
  return condition;
}

std::optional<Way> read_way(const Json& json) {
  Way way{.to = std::string(json.string_at("to")), .calls = {}};
  const Json* calls = json.find("calls");
  if (way.to.empty() || calls == nullptr) {
    return std::nullopt;
  }
  for (const Json& call : calls->items()) {
    auto condition = read_condition(call);
    if (!condition) {
      return std::nullopt;
    }
    way.calls.push_back({.action = std::string(call.string_at("action")),
                         .resource = std::string(call.string_at("resource")),
                         .command = std::string(call.string_at("command")),
                         .condition = *std::move(condition)});
  }
  return way;
}

bool read_ways(const Json& json, std::string_view name, std::vector<Way>& out) {
  const Json* list = json.find(name);
  if (list == nullptr) {
    return false;
  }
  for (const Json& one : list->items()) {
    auto way = read_way(one);
    if (!way) {
      return false;
    }
    out.push_back(*std::move(way));
  }
  return true;
}

std::optional<Powers> read_powers(const Json& json) {
  Powers powers{.principal = std::string(json.string_at("principal"))};
  if (const Json* everything = json.find("everything"); everything != nullptr) {
    powers.everything = read_way(*everything);
    if (!powers.everything) {
      return std::nullopt;
    }
  }
  const bool is_whole = read_ways(json, "becomes", powers.becomes) &&
                        read_ways(json, "strengthens", powers.strengthens);
  return is_whole && !powers.principal.empty() ? std::optional(std::move(powers)) : std::nullopt;
}

// Calls count first, conditions next.
std::size_t cost_of(const Way& way) {
  std::size_t cost = 0;
  for (const Call& call : way.calls) {
    const bool is_typed = !call.command.empty();
    cost += (is_typed ? 100U : 0U) + static_cast<std::size_t>(call.condition.kind) * 10U;
  }
  return cost;
}

// Shortest ways from one principal to all others.
class Reached {
 public:
  Reached(const Graph& graph, std::string_view from) {
    for (const Powers& powers : graph) {
      powers_.emplace(powers.principal, &powers);
    }
    using Open = std::pair<std::size_t, std::string>;
    std::priority_queue<Open, std::vector<Open>, std::greater<>> open;
    costs_.emplace(from, 0);
    open.emplace(0, std::string(from));
    while (!open.empty()) {
      const auto [cost, who] = open.top();
      open.pop();
      const Powers* powers = powers_of(who);
      if (powers == nullptr || cost > costs_.at(who)) {
        continue;
      }
      for (const Way& way : powers->becomes) {
        const std::size_t total = cost + cost_of(way);
        const auto [at, is_new] = costs_.emplace(way.to, total);
        if (is_new || total < at->second) {
          at->second = total;
          last_.insert_or_assign(way.to, std::pair(who, &way));
          open.emplace(total, way.to);
        }
      }
    }
  }

  [[nodiscard]] const Powers* powers_of(std::string_view who) const {
    const auto found = powers_.find(who);
    return found == powers_.end() ? nullptr : found->second;
  }

  [[nodiscard]] const std::map<std::string, std::size_t, std::less<>>& costs() const {
    return costs_;
  }

  // The steps to who is reached, behind those that are there already.
  void add_steps(std::string_view to, std::vector<Step>& steps) const {
    const auto last = last_.find(to);
    if (last == last_.end()) {
      return;
    }
    add_steps(last->second.first, steps);
    const bool is_done = std::ranges::any_of(
        steps, [to](const Step& step) { return !step.is_grant && step.way.to == to; });
    if (!is_done) {
      steps.push_back({.who = last->second.first, .way = *last->second.second});
    }
  }

 private:
  std::map<std::string, const Powers*, std::less<>> powers_;
  std::map<std::string, std::size_t, std::less<>> costs_;
  std::map<std::string, std::pair<std::string, const Way*>, std::less<>> last_;
};

struct Best {
  std::size_t cost = SIZE_MAX;
  std::vector<Step> steps;
};

bool is_of_account(std::string_view arn, std::string_view account) {
  const auto parts = model::split_arn(arn);
  return parts && (account.empty() || parts->account == account);
}

// To have everything in an account (empty: in any).
std::optional<std::vector<Step>> path_to_everything(const Reached& reached,
                                                    std::string_view account) {
  Best best;
  for (const auto& [who, cost] : reached.costs()) {
    const Powers* powers = reached.powers_of(who);
    if (powers == nullptr || !is_of_account(who, account)) {
      continue;
    }
    if (powers->everything && cost + cost_of(*powers->everything) < best.cost) {
      best = {.cost = cost + cost_of(*powers->everything), .steps = {}};
      reached.add_steps(who, best.steps);
      if (!powers->everything->calls.empty()) {
        best.steps.push_back({.who = who, .way = *powers->everything, .is_grant = true});
      }
    }
    for (const Way& grant : powers->strengthens) {
      const auto target = reached.costs().find(grant.to);
      const bool is_better =
          target != reached.costs().end() && cost + cost_of(grant) + target->second < best.cost;
      if (is_better) {
        best = {.cost = cost + cost_of(grant) + target->second, .steps = {}};
        reached.add_steps(who, best.steps);
        best.steps.push_back({.who = who, .way = grant, .is_grant = true});
        reached.add_steps(grant.to, best.steps);
      }
    }
  }
  return best.cost == SIZE_MAX ? std::nullopt : std::optional(std::move(best.steps));
}

// An administrator makes a key of a user, or lets itself assume a role. Whether policies of the
// organization, or a limit, are in its way is not decided.
Way way_of_administrator(std::string_view to) {
  const auto parts = model::split_arn(to);
  const std::string_view resource = parts ? parts->resource : std::string_view();
  const std::string name(resource.substr(resource.rfind('/') + 1));
  const Condition undecided{.kind = Condition::Kind::Unknown,
                            .formula = {},
                            .reason = "it was not decided for the administrator on the way"};
  Way way{.to = std::string(to), .calls = {}};
  if (resource.starts_with("user/")) {
    way.calls.push_back({.action = "iam:CreateAccessKey",
                         .resource = way.to,
                         .command = concat("aws iam create-access-key --user-name ", name),
                         .condition = undecided});
    return way;
  }
  way.calls.push_back({.action = "iam:UpdateAssumeRolePolicy",
                       .resource = way.to,
                       .command = concat("aws iam update-assume-role-policy --role-name ",
                                         name,
                                         " --policy-document file://trust-in-oneself.json"),
                       .condition = undecided});
  way.calls.push_back(
      {.action = "sts:AssumeRole",
       .resource = way.to,
       .command = concat("aws sts assume-role --role-arn ", to, " --role-session-name escalation"),
       .condition = undecided});
  return way;
}

}  // namespace

std::string write_graph(const Graph& graph) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("principals");
  json.begin_array();
  for (const Powers& powers : graph) {
    json.begin_object();
    json.member("principal", powers.principal);
    if (powers.everything) {
      json.key("everything");
      write(json, *powers.everything);
    }
    write(json, "becomes", powers.becomes);
    write(json, "strengthens", powers.strengthens);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out;
}

std::string write_way(const Way& way) {
  std::string out;
  JsonWriter json(out);
  write(json, way);
  return out;
}

std::optional<Graph> read_graph(std::string_view text) {
  const auto json = Json::parse(text);
  const Json* principals = json ? json->find("principals") : nullptr;
  if (principals == nullptr || !principals->is_array()) {
    return std::nullopt;
  }
  Graph graph;
  for (const Json& one : principals->items()) {
    auto powers = read_powers(one);
    if (!powers) {
      return std::nullopt;
    }
    graph.push_back(*std::move(powers));
  }
  return graph;
}

std::optional<std::vector<Step>> find_path(const Graph& graph,
                                           std::string_view from,
                                           std::string_view to) {
  const Reached reached(graph, from);
  if (to.empty()) {
    return path_to_everything(reached, {});
  }
  if (reached.costs().contains(to)) {
    std::vector<Step> steps;
    reached.add_steps(to, steps);
    return steps;
  }
  const auto parts = model::split_arn(to);
  auto steps = path_to_everything(reached, parts ? parts->account : std::string_view("nobody's"));
  if (steps) {
    const std::string who = steps->empty() ? std::string(from) : steps->back().way.to;
    steps->push_back({.who = who, .way = way_of_administrator(to)});
  }
  return steps;
}

Condition::Kind kind_of(const std::vector<Step>& path) {
  Condition::Kind kind = Condition::Kind::Always;
  for (const Step& step : path) {
    kind = std::max(kind, kind_of(step.way));
  }
  return kind;
}

}  // namespace signet::escalation
