#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "codec/json_writer.h"
#include "ctl/cli.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "escalation/drawing.h"
#include "escalation/graph.h"
#include "facts/errors.h"

// `signet analyze escalation`: who can become whom in a data folder.
namespace signet::ctl {
namespace {

using escalation::Condition;
using escalation::Graph;
using escalation::Powers;
using escalation::Step;
using escalation::Way;

constexpr std::string_view kAdministrator = "admin";

// The principal of that ARN or name.
Result<std::string> principal_named(const Graph& graph, const std::string& name) {
  std::vector<std::string> found;
  for (const Powers& powers : graph) {
    const std::string& arn = powers.principal;
    if (arn == name) {
      return arn;
    }
    if (arn.ends_with(concat("/", name))) {
      found.push_back(arn);
    }
  }
  if (found.size() == 1) {
    return found.front();
  }
  std::string all;
  for (const std::string& arn : found) {
    all += concat(all.empty() ? "" : ", ", arn);
  }
  return fail(ErrorCode::InvalidInput,
              found.empty() ? concat("there is no user or role ", name)
                            : concat(name, " is not the name of one alone; write which: ", all));
}

std::string words_of(const std::vector<Step>& path) {
  std::string words;
  for (const Step& step : path) {
    for (const escalation::Call& call : step.way.calls) {
      if (call.condition.kind != Condition::Kind::Always) {
        words += concat(
            words.empty() ? "" : "; ", call.action, " ", escalation::words_of(call.condition));
      }
    }
  }
  return words.empty() ? "always" : words;
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_way(std::string_view word, const Way& way) {
  std::string calls;
  for (const escalation::Call& call : way.calls) {
    calls += concat(calls.empty() ? "" : ", then ", call.action);
    if (call.condition.kind != Condition::Kind::Always) {
      calls += concat(" ", escalation::words_of(call.condition));
    }
  }
  print(concat("  ", word, " ", way.to, ": ", calls, "\n"));
}

// Everybody who can do something, one after the other.
void print_all(const Graph& graph) {
  for (const Powers& powers : graph) {
    const bool is_administrator = powers.everything.has_value();
    if (!is_administrator && powers.becomes.empty() && powers.strengthens.empty()) {
      continue;
    }
    print(concat(powers.principal, "\n"));
    if (is_administrator && powers.everything->calls.empty()) {
      print("  is an administrator\n");
    } else if (is_administrator) {
      print_way("makes itself an administrator,", *powers.everything);
    } else if (const auto path = escalation::find_path(graph, powers.principal, {})) {
      print(concat("  reaches an administrator in ",
                   std::to_string(path->size()),
                   path->size() == 1 ? " step: " : " steps: ",
                   words_of(*path),
                   "\n"));
    }
    for (const Way& way : powers.becomes) {
      print_way("becomes", way);
    }
    for (const Way& way : powers.strengthens) {
      print_way("can make an administrator of", way);
    }
  }
}

std::string path_json(const std::string& from,
                      const std::string& to,
                      const std::optional<std::vector<Step>>& path) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object();
  json.member("from", from);
  json.member("to", to);
  json.key("reached");
  json.boolean(path.has_value());
  if (path) {
    constexpr std::string_view kAnswers[] = {"always", "if", "unknown"};
    json.member("answer", kAnswers[static_cast<std::size_t>(escalation::kind_of(*path))]);
    json.key("steps");
    json.begin_array();
    for (const Step& step : *path) {
      json.begin_object();
      json.member("as", step.who);
      json.member(step.is_grant ? "strengthens" : "becomes", step.way.to);
      json.key("way");
      json.literal(escalation::write_way(step.way));
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return out;
}

// From one principal to another, or to an administrator.
Result<int> tell_path(const Graph& graph, const EscalationOptions& options) {
  const std::string from = TRY(principal_named(graph, options.from));
  const bool is_any = options.to.empty() || options.to == kAdministrator;
  const std::string to = is_any ? std::string() : TRY(principal_named(graph, options.to));
  const auto path = escalation::find_path(graph, from, to);
  const std::string target = is_any ? "an administrator" : to;
  if (options.output == "json") {
    print(concat(path_json(from, is_any ? std::string(kAdministrator) : to, path), "\n"));
  } else if (!path) {
    print(concat("none: ", from, " cannot become ", target, "\n"));
  } else if (path->empty()) {
    print(concat("# ", from, " is ", target, " already\n"));
  } else {
    print(concat("# ", from, " becomes ", target, ": ", words_of(*path), "\n"));
    print(escalation::tell(*path));
  }
  if (!path) {
    return kOk;
  }
  return escalation::kind_of(*path) == Condition::Kind::Unknown ? int{kUndecided} : int{kFindings};
}

// All principals that have a way to the target.
Result<int> tell_all_to(const Graph& graph, const EscalationOptions& options) {
  const bool is_any = options.to == kAdministrator;
  const std::string to = is_any ? std::string() : TRY(principal_named(graph, options.to));
  std::string out = "[";
  bool is_found = false;
  for (const Powers& powers : graph) {
    const auto path = escalation::find_path(graph, powers.principal, to);
    if (!path || path->empty()) {
      continue;  // one who is there already has no way to go
    }
    is_found = true;
    if (options.output == "json") {
      out += concat(out.size() > 1 ? "," : "",
                    path_json(powers.principal, is_any ? std::string(kAdministrator) : to, path));
    } else {
      print(concat(powers.principal,
                   ": ",
                   std::to_string(path->size()),
                   path->size() == 1 ? " step, " : " steps, ",
                   words_of(*path),
                   "\n"));
    }
  }
  if (options.output == "json") {
    print(concat(out, "]\n"));
  } else if (!is_found) {
    print("none\n");
  }
  return is_found ? int{kFindings} : int{kOk};
}

Result<int> tell(const EscalationOptions& options) {
  const Graph graph = TRY(escalation_of(options.data_folder));
  if (options.output == "dot" || options.output == "svg") {
    print(options.output == "dot" ? escalation::draw_dot(graph) : escalation::draw_svg(graph));
    return int{kOk};
  }
  if (!options.from.empty()) {
    return tell_path(graph, options);
  }
  if (!options.to.empty()) {
    return tell_all_to(graph, options);
  }
  if (options.output == "json") {
    print(concat(escalation::write_graph(graph), "\n"));
  } else {
    print_all(graph);
  }
  return int{kOk};
}

}  // namespace

int analyze_escalation(const EscalationOptions& options) {
  const auto code = tell(options);
  return code ? *code : report(code.error());
}

}  // namespace signet::ctl
