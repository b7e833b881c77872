#include "escalation/drawing.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "base/strings.h"
#include "codec/xml_writer.h"

namespace signet::escalation {
namespace {

constexpr std::string_view kMfaBlock = R"({"Bool":{"aws:MultiFactorAuthPresent":"true"}})";

// 111122223333:user/ann
std::string short_name(std::string_view arn) {
  constexpr std::string_view kPrefix = "arn:aws:iam::";
  return std::string(arn.starts_with(kPrefix) ? arn.substr(kPrefix.size()) : arn);
}

std::string in_xml(std::string_view text) {
  std::string out;
  codec::append_xml_escaped(out, text);
  return out;
}

// Between the quotes of DOT.
std::string in_dot(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '"' || c == '\\' ? "\\" : "";
    out += c;
  }
  return out;
}

// "iam:CreateAccessKey, if MFA"
std::string label_of(const Way& way) {
  const Condition::Kind kind = kind_of(way);
  std::string label = way.calls.empty() ? std::string() : way.calls.front().action;
  if (needs_mfa(way)) {
    label += ", if MFA";
  } else if (kind != Condition::Kind::Always) {
    label += kind == Condition::Kind::If ? ", if ..." : ", perhaps";
  }
  return label;
}

// Principals that some way begins or ends at.
std::set<std::string> shown_of(const Graph& graph) {
  std::set<std::string> shown;
  for (const Powers& powers : graph) {
    if (powers.everything || !powers.becomes.empty()) {
      shown.insert(powers.principal);
    }
    for (const Way& way : powers.becomes) {
      shown.insert(way.to);
    }
  }
  return shown;
}

// How many steps each is away from an administrator; who reaches none is not there.
std::map<std::string, int> distances(const Graph& graph) {
  std::map<std::string, std::vector<std::string>> into;
  std::map<std::string, int> away;
  std::vector<std::string> layer;
  for (const Powers& powers : graph) {
    for (const Way& way : powers.becomes) {
      into[way.to].push_back(powers.principal);
    }
    if (powers.everything) {
      layer.push_back(powers.principal);
    }
  }
  for (int distance = 0; !layer.empty(); ++distance) {
    std::vector<std::string> next;
    for (const std::string& who : layer) {
      if (away.emplace(who, distance).second) {
        const std::vector<std::string>& from = into[who];
        next.insert(next.end(), from.begin(), from.end());
      }
    }
    layer = std::move(next);
  }
  return away;
}

struct Place {
  int x = 0;
  int y = 0;
};

constexpr int kColumn = 300;
constexpr int kRow = 34;
constexpr int kWidth = 240;
constexpr int kHeight = 26;

std::string number(int value) {
  return std::to_string(value);
}

std::string svg_edge(const Place& a, const Place& b, const Way& way) {
  const int x1 = a.x + kWidth;
  const int y1 = a.y + kHeight / 2;
  const int y2 = b.y + kHeight / 2;
  const int bend = std::max(40, std::abs(b.x - x1) / 2);
  const bool is_always = kind_of(way) == Condition::Kind::Always;
  return concat("<path class=\"edge\" marker-end=\"url(#arrow)\"",
                is_always ? "" : " stroke-dasharray=\"5 4\"",
                " d=\"M ",
                number(x1) + " " + number(y1) + " C " + number(x1 + bend) + " " + number(y1) +
                    ", " + number(b.x - bend) + " " + number(y2) + ", " + number(b.x) + " " +
                    number(y2),
                "\"><title>",
                in_xml(label_of(way)),
                "</title></path>\n");
}

std::string svg_node(const Place& at, const Powers* powers, const std::string& arn) {
  const bool is_all = powers != nullptr && powers->everything;
  return concat(
      "<g transform=\"translate(" + number(at.x) + " " + number(at.y),
      ")\"><title>",
      in_xml(arn),
      is_all ? concat(": administrator, ",
                      powers->everything->calls.empty() ? std::string("as it is")
                                                        : in_xml(label_of(*powers->everything)))
             : std::string(),
      "</title><rect width=\"240\" height=\"26\" rx=\"6\"",
      is_all ? " class=\"admin\"" : "",
      "/><text x=\"8\" y=\"17\">",
      in_xml(short_name(arn).substr(0, 38)),
      "</text></g>\n");
}

}  // namespace

std::string words_of(const Condition& condition) {
  if (condition.kind == Condition::Kind::Always) {
    return "always";
  }
  if (condition.kind == Condition::Kind::Unknown) {
    return concat("perhaps (", condition.reason, ")");
  }
  std::string words;
  for (const std::string& block : condition.formula) {
    words += concat(words.empty() ? "if " : " or ",
                    block == kMfaBlock ? std::string_view("MFA") : std::string_view(block));
  }
  return words;
}

std::string draw_dot(const Graph& graph) {
  const std::set<std::string> shown = shown_of(graph);
  std::string out = "digraph escalation {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const Powers& powers : graph) {
    if (shown.contains(powers.principal) && powers.everything) {
      out += concat("  \"",
                    in_dot(short_name(powers.principal)),
                    "\" [style=filled, fillcolor=\"#f2b8b5\", tooltip=\"administrator\"];\n");
    }
  }
  for (const Powers& powers : graph) {
    for (const Way& way : powers.becomes) {
      out += concat("  \"",
                    in_dot(short_name(powers.principal)),
                    "\" -> \"",
                    in_dot(short_name(way.to)),
                    "\" [label=\"",
                    in_dot(label_of(way)),
                    kind_of(way) == Condition::Kind::Always ? "\"];\n" : "\", style=dashed];\n");
    }
  }
  return out + "}\n";
}

std::string draw_svg(const Graph& graph) {
  const std::map<std::string, int> away = distances(graph);
  int farthest = 0;
  for (const auto& [who, distance] : away) {
    farthest = std::max(farthest, distance);
  }
  std::map<std::string, const Powers*> powers_of;
  for (const Powers& powers : graph) {
    powers_of.emplace(powers.principal, &powers);
  }
  // Who reaches no administrator stands leftmost.
  std::map<std::string, Place> places;
  std::map<int, int> filled;
  for (const std::string& who : shown_of(graph)) {
    const auto distance = away.find(who);
    const int column = distance == away.end() ? 0 : farthest + 1 - distance->second;
    places.emplace(who, Place{.x = 10 + column * kColumn, .y = 10 + filled[column]++ * kRow});
  }
  int rows = 1;
  for (const auto& [column, count] : filled) {
    rows = std::max(rows, count);
  }
  std::string out = concat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number((farthest + 2) * kColumn),
      "\" height=\"" + number(rows * kRow + 20),
      "\">\n<style>text{font:12px sans-serif}rect{fill:#eef3f8;stroke:#5f6b7a}"
      ".admin{fill:#f2b8b5}.edge{fill:none;stroke:#5f6b7a}</style>\n"
      "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" "
      "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#5f6b7a\"/></marker>"
      "</defs>\n");
  for (const Powers& powers : graph) {
    for (const Way& way : powers.becomes) {
      out += svg_edge(places.at(powers.principal), places.at(way.to), way);
    }
  }
  for (const auto& [who, place] : places) {
    const auto powers = powers_of.find(who);
    out += svg_node(place, powers == powers_of.end() ? nullptr : powers->second, who);
  }
  return out + "</svg>\n";
}

std::string tell(const std::vector<Step>& path) {
  std::string out;
  for (const Step& step : path) {
    out += concat("# as ", short_name(step.who), "\n");
    for (const Call& call : step.way.calls) {
      const bool is_plain = call.condition.kind == Condition::Kind::Always;
      if (call.command.empty()) {
        out += is_plain ? std::string()
                        : concat("#   ", call.action, ": ", words_of(call.condition), "\n");
        continue;
      }
      out += is_plain ? std::string() : concat("#   ", words_of(call.condition), "\n");
      out += concat(call.command, "\n");
    }
  }
  return out;
}

}  // namespace signet::escalation
