#include "written.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "policy_language/policy_json.h"

namespace signet::ref {
namespace {

using policy::JsonKind;
using policy::NodeId;
using policy::PolicyJson;

// Members of an object, values as they stand in the text.
using Members = std::vector<std::pair<std::string, std::string>>;

struct Written {
  std::string version;  // as it stands; empty: it has none
  std::vector<Members> statements;

  // Variables and escaped wildcards are read.
  [[nodiscard]] bool reads_variables() const { return version == "\"2012-10-17\""; }
};

Members members_of(const PolicyJson& json, NodeId object) {
  Members members;
  for (NodeId name = object + 1; name < json[object].next; name = json[name + 1].next) {
    members.emplace_back(json[name].content, json.raw(name + 1));
  }
  return members;
}

std::vector<std::string> elements_of(const std::string& raw) {
  const auto json = PolicyJson::parse(raw);
  std::vector<std::string> elements;
  if (json && json->is(0, JsonKind::Array)) {
    for (NodeId node = 1; node < (*json)[0].next; node = (*json)[node].next) {
      elements.emplace_back(json->raw(node));
    }
  } else {
    elements.push_back(raw);
  }
  return elements;
}

std::string array_of(const std::vector<std::string>& elements) {
  std::string out = "[";
  for (const std::string& element : elements) {
    out += concat(out.size() > 1 ? "," : "", element);
  }
  return out + "]";
}

std::string object_of(const Members& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    out += concat(out.size() > 1 ? ",\"" : "\"", name, "\":", value);
  }
  return out + "}";
}

std::optional<Written> read(const std::string& text) {
  const auto json = PolicyJson::parse(text);
  if (!json || !json->is(0, JsonKind::Object)) {
    return std::nullopt;
  }
  Written written;
  for (auto& [name, value] : members_of(*json, 0)) {
    if (name == "Version") {
      written.version = value;
    } else if (name != "Statement") {
      return std::nullopt;
    }
  }
  const NodeId list = json->member(0, "Statement");
  if (json->is(list, JsonKind::Object)) {
    written.statements.push_back(members_of(*json, list));
    return written;
  }
  if (!json->is(list, JsonKind::Array)) {
    return std::nullopt;
  }
  for (NodeId node = list + 1; node < (*json)[list].next; node = (*json)[node].next) {
    written.statements.push_back(members_of(*json, node));
  }
  return written;
}

std::string text_of(const Written& written) {
  std::vector<std::string> statements;
  for (const Members& members : written.statements) {
    statements.push_back(object_of(members));
  }
  return concat("{",
                written.version.empty() ? "" : concat("\"Version\":", written.version, ","),
                "\"Statement\":",
                array_of(statements),
                "}");
}

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[random.below(i)]);
  }
}

// Wildcards written otherwise, outside of variables. A lone `*` means everything by itself.
std::string with_other_wildcards(const std::string& raw, Random& random) {
  if (raw == "\"*\"") {
    return raw;
  }
  std::string out;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const std::size_t close = raw.compare(at, 2, "${") == 0 ? raw.find('}', at) : std::string::npos;
    if (close != std::string::npos) {
      out += raw.substr(at, close + 1 - at);
      at = close;
    } else if (raw.compare(at, 2, "?*") == 0 && random.percent(50)) {
      out += "*?";
      ++at;
    } else {
      out += raw[at] == '*' && random.percent(40) ? "**" : raw.substr(at, 1);
    }
  }
  return out;
}

// A pattern that the text alone fits; nothing where variables are read in it.
std::optional<std::string> as_pattern(const std::string& raw) {
  if (raw.find("${") != std::string::npos) {
    return std::nullopt;
  }
  std::string out;
  for (const char c : raw) {
    const bool is_escaped = c == '*' || c == '?' || c == '$';
    out += is_escaped ? concat("${", std::string_view(&c, 1), "}") : std::string(1, c);
  }
  return out;
}

void rewrite_elements(std::string& raw, Random& random) {
  std::vector<std::string> elements = elements_of(raw);
  if (elements.empty()) {
    return;
  }
  for (std::string& element : elements) {
    element = with_other_wildcards(element, random);
  }
  shuffle(elements, random);
  if (random.percent(15)) {
    elements.push_back(elements.front());
  }
  raw = elements.size() == 1 && random.percent(50) ? elements.front() : array_of(elements);
}

// StringEquals as StringLike, where the block has no such operator yet.
bool rewrite_equals(Members& block, std::string& name, std::string& keys, Random& random) {
  const std::size_t at = name.find("Equals");
  const bool is_case_sensitive = at != std::string::npos &&
                                 name.find("IgnoreCase") == std::string::npos &&
                                 name.find("String") != std::string::npos;
  if (!is_case_sensitive || random.percent(40)) {
    return false;
  }
  std::string wanted = name;
  wanted.replace(at, 6, "Like");
  const bool is_there =
      std::ranges::any_of(block, [&wanted](const auto& one) { return one.first == wanted; });
  const auto json = PolicyJson::parse(keys);
  if (is_there || !json) {
    return false;
  }
  Members out = members_of(*json, 0);
  for (auto& [key, raw] : out) {
    std::vector<std::string> patterns;
    if (raw == "[]") {
      return false;
    }
    for (const std::string& element : elements_of(raw)) {
      const auto pattern = as_pattern(element);
      if (!pattern) {
        return false;
      }
      patterns.push_back(*pattern);
    }
    raw = array_of(patterns);
  }
  name = std::move(wanted);
  keys = object_of(out);
  return true;
}

void rewrite_condition(std::string& raw, bool reads_variables, Random& random) {
  const auto json = PolicyJson::parse(raw);
  if (!json || !json->is(0, JsonKind::Object)) {
    return;
  }
  Members block = members_of(*json, 0);
  for (auto& [name, keys] : block) {
    if (reads_variables && rewrite_equals(block, name, keys, random)) {
      continue;
    }
    const auto inner = PolicyJson::parse(keys);
    if (!inner || name.find("Like") == std::string::npos) {
      continue;
    }
    Members members = members_of(*inner, 0);
    for (auto& [key, values] : members) {
      rewrite_elements(values, random);
    }
    keys = object_of(members);
  }
  shuffle(block, random);
  raw = object_of(block);
}

// One statement as two that together say the same; false: it has no list to take apart.
bool take_apart(const Members& statement, std::vector<Members>& out, Random& random) {
  for (const std::string_view name : {"Action", "Resource"}) {
    const auto member = std::ranges::find(statement, name, &Members::value_type::first);
    const std::vector<std::string> all =
        member == statement.end() ? std::vector<std::string>() : elements_of(member->second);
    if (all.size() < 2 || random.percent(30)) {
      continue;
    }
    const auto cut = static_cast<std::ptrdiff_t>(1 + random.below(all.size() - 1));
    for (const bool is_first : {true, false}) {
      Members part = statement;
      std::ranges::find(part, name, &Members::value_type::first)->second =
          array_of(is_first ? std::vector(all.begin(), all.begin() + cut)
                            : std::vector(all.begin() + cut, all.end()));
      out.push_back(std::move(part));
    }
    return true;
  }
  return false;
}

Written rewrite(Written written, Random& random) {
  const bool reads_variables = written.reads_variables();
  std::vector<Members> statements;
  for (const Members& statement : written.statements) {
    if (!take_apart(statement, statements, random)) {
      statements.push_back(statement);
    }
    if (random.percent(10)) {
      statements.push_back(statement);
    }
  }
  for (Members& statement : statements) {
    for (auto& [name, raw] : statement) {
      if (name.ends_with("Action") || name.ends_with("Resource")) {
        rewrite_elements(raw, random);
      } else if (name == "Condition") {
        rewrite_condition(raw, reads_variables, random);
      }
    }
    shuffle(statement, random);
  }
  shuffle(statements, random);
  written.statements = std::move(statements);
  return written;
}

void rewrite(std::vector<std::string>& documents, bool takes_several, Random& random) {
  std::vector<std::string> out;
  for (const std::string& text : documents) {
    auto written = read(text);
    if (!written) {
      out.push_back(text);
      continue;
    }
    const Written other = rewrite(*std::move(written), random);
    if (!takes_several || other.statements.size() < 2 || random.percent(50)) {
      out.push_back(text_of(other));
      continue;
    }
    for (const Members& statement : other.statements) {
      out.push_back(text_of({.version = other.version, .statements = {statement}}));
    }
  }
  shuffle(out, random);
  documents = std::move(out);
}

std::vector<Written> all_of(const GeneratedPolicies& world) {
  std::vector<const std::vector<std::string>*> lists{
      &world.identity, &world.boundary, &world.session, &world.resource, &world.endpoint};
  for (const auto* levels : {&world.scps, &world.rcps, &world.scopes}) {
    for (const auto& level : *levels) {
      lists.push_back(&level);
    }
  }
  std::vector<Written> all;
  for (const auto* list : lists) {
    for (const std::string& text : *list) {
      if (auto written = read(text)) {
        all.push_back(*std::move(written));
      }
    }
  }
  std::erase_if(all, [](const Written& one) { return one.statements.empty(); });
  return all;
}

std::string without_quotes(const std::string& raw) {
  return raw.size() > 1 && raw.front() == '"' ? raw.substr(1, raw.size() - 2) : raw;
}

// A text that an operand may have been written for.
std::string value_for(const std::string& raw, const std::string& key, Random& random) {
  std::string text = without_quotes(raw);
  if (key.ends_with("SourceIp")) {
    return text.substr(0, text.find('/'));
  }
  return random.percent(30) ? text : literal_of(text, random);
}

void set(Request& request, Request::Entry entry) {
  const auto known = std::ranges::find_if(request.context, [&entry](const Request::Entry& one) {
    return equals_ignore_case(one.name, entry.name);
  });
  if (known == request.context.end()) {
    request.context.push_back(std::move(entry));
  } else {
    known->values = std::move(entry.values);
  }
}

void meet(const std::string& condition, Request& request, Random& random) {
  const auto json = PolicyJson::parse(condition);
  if (!json || !json->is(0, JsonKind::Object)) {
    return;
  }
  for (const auto& [name, keys] : members_of(*json, 0)) {
    const auto inner = PolicyJson::parse(keys);
    if (!inner || name.ends_with("Null") || random.percent(10)) {
      continue;
    }
    for (const auto& [key, raw] : members_of(*inner, 0)) {
      if (raw == "[]") {
        continue;
      }
      const bool is_list = key.ends_with("TagKeys") || key.ends_with("list");
      std::vector<std::string> values;
      for (std::uint64_t n = is_list ? 1 + random.below(2) : 1; n > 0; --n) {
        values.push_back(value_for(random.pick(elements_of(raw)), key, random));
      }
      set(request, {.name = key, .is_list = is_list, .values = std::move(values)});
    }
  }
}

}  // namespace

GeneratedPolicies rewritten(const GeneratedPolicies& world, Random& random) {
  GeneratedPolicies out = world;
  for (auto* list : {&out.identity, &out.boundary, &out.session, &out.resource, &out.endpoint}) {
    rewrite(*list, true, random);
  }
  for (auto* levels : {&out.scps, &out.rcps}) {
    for (auto& level : *levels) {
      rewrite(level, true, random);
    }
  }
  for (auto& layer : out.scopes) {
    rewrite(layer, false, random);
  }
  return out;
}

void aim(const GeneratedPolicies& world, Request& request, Random& random) {
  const std::vector<Written> all = all_of(world);
  for (std::uint64_t n = 1 + random.below(2); n > 0 && !all.empty(); --n) {
    for (const auto& [name, raw] : random.pick(random.pick(all).statements)) {
      const std::vector<std::string> elements = elements_of(raw);
      if (name == "Action" && !elements.empty()) {
        request.action = literal_of(without_quotes(random.pick(elements)), random);
      } else if (name == "Resource" && !elements.empty()) {
        request.resource = literal_of(without_quotes(random.pick(elements)), random);
      } else if (name == "Condition") {
        meet(raw, request, random);
      }
    }
  }
}

}  // namespace signet::ref
