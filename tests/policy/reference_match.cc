#include "reference_match.h"

#include <algorithm>
#include <array>
#include <set>

#include "reference_values.h"

namespace signet::ref {
namespace {

int g_mutant = 0;

// The code point at text[at], which must be inside; moves `at` behind it.
char32_t next_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  const int extra = lead < 0x80 ? 0 : (lead < 0xE0 ? 1 : (lead < 0xF0 ? 2 : 3));
  char32_t point =
      extra == 0 ? lead : (extra == 1 ? lead & 31 : (extra == 2 ? lead & 15 : lead & 7));
  for (int k = 0; k < extra && at < text.size(); ++k) {
    point = (point << 6) | (static_cast<unsigned char>(text[at++]) & 63);
  }
  return point;
}

bool is_inside_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

char32_t lower_point(char32_t c) {
  return c >= U'A' && c <= U'Z' ? c + 32 : c;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

bool is_mutant(int number) {
  return g_mutant == number;
}

void select_mutant(int number) {
  g_mutant = number;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c + 32);
    }
  }
  return out;
}

bool setting(const Settings& settings, std::string_view name, bool standard) {
  const auto found = settings.find(name);
  return found == settings.end() ? standard : found->second;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto fold = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&fold](char x, char y) {
    return fold(x) == fold(y);
  });
}

std::vector<std::string_view> split_colons(std::string_view text, std::size_t limit) {
  std::vector<std::string_view> parts;
  parts.reserve(limit);
  while (parts.size() + 1 < limit) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      break;
    }
    parts.emplace_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  parts.emplace_back(text);
  return parts;
}

namespace {

// The positions of a text at which the elements so far can end; none outside [low, high].
struct Reach {
  std::string_view text;
  std::vector<char> at;
  std::size_t low = 0;
  std::size_t high = 0;

  explicit Reach(std::string_view subject) : text(subject), at(subject.size() + 1, 0) { at[0] = 1; }

  void any() {
    bool is_reached = false;
    for (std::size_t k = low; k <= text.size(); ++k) {
      is_reached = is_reached || at[k] != 0;
      at[k] = is_reached && !(k < text.size() && is_inside_point(text[k])) ? 1 : 0;
      if (k < text.size() &&
          ((is_mutant(1) && text[k] == '/') || (is_mutant(2) && text[k] == '\n'))) {
        is_reached = false;
      }
    }
    high = text.size();
  }

  // False when no position is left.
  bool one(const Element& element, bool ignore_case) {
    bool is_left = false;
    std::size_t last = 0;
    std::size_t first = 0;
    for (std::size_t i = high + 1; i-- > low;) {
      if (at[i] == 0 || (i == text.size() && is_mutant(3) && element.kind == Element::Kind::One)) {
        is_left = is_left || at[i] != 0;
        last = at[i] != 0 ? std::max(last, i) : last;
        first = at[i] != 0 ? i : first;
        continue;
      }
      at[i] = 0;
      if (i == text.size()) {
        continue;
      }
      std::size_t end = i;
      const char32_t point = next_point(text, end);
      const bool fits = element.kind == Element::Kind::One || element.point == point ||
                        (ignore_case && lower_point(element.point) == lower_point(point));
      if (fits) {
        at[end] = 1;
        last = std::max(last, end);
        first = end;
        is_left = true;
      }
    }
    low = first;
    high = last;
    return is_left;
  }
};

}  // namespace

bool glob_match(const Elements& pattern, std::string_view subject, bool ignore_case) {
  Reach reach(subject);
  for (const Element& element : pattern) {
    if (element.kind == Element::Kind::Any) {
      reach.any();
    } else if (!reach.one(element, ignore_case)) {
      return false;
    }
  }
  return reach.at[subject.size()] != 0;
}

Asked::Asked(const Question& question, const Settings& settings)
    : question_(question),
      settings_(settings),
      resource_(question.wildcard_only ? "*" : question.resource),
      resource_parts_(split_colons(resource_, 6)) {}

const ContextValue* Asked::find(const std::string& key) const {
  const ContextValue* folded = nullptr;
  for (const auto& [name, value] : question_.context) {
    if (name == key) {
      folded = &value;
      break;
    }
    if (folded == nullptr && same_ignoring_case(name, key) && !is_mutant(4)) {
      folded = &value;
    }
  }
  if (folded != nullptr) {
    return folded;
  }
  for (const std::string_view prefix : {"aws:resourcetag/", "iam:resourcetag/"}) {
    const bool sees = question_.creates_resource &&
                      setting(settings_, "create_sees_request_tags_as_resource_tags", true);
    if (sees && same_ignoring_case(std::string_view(key).substr(0, prefix.size()), prefix)) {
      return find("aws:RequestTag/" + key.substr(prefix.size()));
    }
  }
  return nullptr;
}

bool Asked::is_multivalued(const std::string& key) const {
  static const std::set<std::string> declared{"aws:calledvia",
                                              "aws:principalorgpaths",
                                              "aws:principalservicenameslist",
                                              "aws:resourceorgpaths",
                                              "aws:tagkeys",
                                              "aws:sourceorgpaths",
                                              "aws:vpceorgpaths",
                                              "sts:transitivetagkeys",
                                              "sts:requestcontextproviders",
                                              "s3:requestobjecttagkeys"};
  const std::string name = lower(key);
  if (declared.contains(name)) {
    return true;
  }
  const ContextValue* value = find(key);
  const bool is_known = name.starts_with("aws:") || name.starts_with("s3:") ||
                        name.starts_with("iam:") || name.starts_with("sts:");
  return value != nullptr && value->is_list && !(is_known && value->values.size() == 1);
}

std::optional<std::string> Asked::variable(std::string_view body) const {
  const std::size_t comma = body.find(',');
  const std::string key(trim(body.substr(0, comma)));
  if (!is_multivalued(key)) {
    const ContextValue* value = find(key);
    if (value != nullptr && !value->values.empty()) {
      const bool empty_counts =
          !setting(settings_, "empty_value_is_unresolved", true) || is_mutant(5);
      if (!value->values[0].empty() || empty_counts) {
        return value->values[0];
      }
    }
  }
  if (comma == std::string_view::npos) {
    return is_mutant(6) ? std::optional<std::string>("") : std::nullopt;
  }
  const std::string_view rest = trim(body.substr(comma + 1));
  return is_mutant(7) ? std::nullopt : std::optional<std::string>(rest.substr(1, rest.size() - 2));
}

namespace {

// End of the variable at text[at] == '$', one past the brace; `at` when there is none (R-4.7).
std::size_t variable_end(std::string_view text, std::size_t at) {
  constexpr std::size_t kNone = std::string_view::npos;
  if (text.substr(at, 2) != "${") {
    return at;
  }
  const std::size_t stop = text.find_first_of(",}", at + 2);
  if (stop == kNone) {
    return at;
  }
  const std::string_view key = trim(text.substr(at + 2, stop - at - 2));
  if (key.empty() || (key != "$" && key.find_first_of("${'") != kNone)) {
    return at;
  }
  if (text[stop] == '}') {
    return stop + 1;
  }
  const std::size_t open = text.find_first_not_of(' ', stop + 1);
  if (open == kNone || text[open] != '\'') {
    return at;
  }
  const std::size_t close = text.find('\'', open + 1);
  if (close == kNone) {
    return at;
  }
  const std::size_t brace = text.find_first_not_of(' ', close + 1);
  return brace == kNone || text[brace] != '}' ? at : brace + 1;
}

void append_literal(Elements& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    out.push_back({.kind = Element::Kind::Char, .point = next_point(text, i)});
  }
}

}  // namespace

// Appends what a variable stands for; false when it has no value.
bool Asked::append_variable(Elements& out, std::string_view body, bool wildcards) const {
  const std::string_view name = trim(body);
  if (name == "*" || name == "?" || name == "$") {
    if (is_mutant(8) && name == "*") {
      out.push_back({.kind = Element::Kind::Any, .point = 0});
    } else {
      append_literal(out, name);
    }
    return true;
  }
  const auto value = variable(body);
  if (!value) {
    return false;
  }
  const std::size_t begin = out.size();
  append_literal(out, *value);
  for (std::size_t i = begin; i < out.size() && is_mutant(9) && wildcards; ++i) {
    out[i].kind = out[i].point == U'*' ? Element::Kind::Any : Element::Kind::Char;
  }
  return true;
}

std::optional<Elements> Asked::pattern(std::string_view text,
                                       bool wildcards,
                                       bool variables) const {
  Elements out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = variables && text[i] == '$' ? variable_end(text, i) : i;
    if (end > i) {
      if (!append_variable(out, text.substr(i + 2, end - i - 3), wildcards)) {
        return std::nullopt;
      }
      i = end;
    } else if (wildcards && (text[i] == '*' || text[i] == '?')) {
      out.push_back({.kind = text[i] == '*' ? Element::Kind::Any : Element::Kind::One, .point = 0});
      ++i;
    } else {
      out.push_back({.kind = Element::Kind::Char, .point = next_point(text, i)});
    }
  }
  return out;
}

bool Asked::action_matches(const std::string& pattern_text) const {
  if (pattern_text == "*") {
    return true;
  }
  const std::size_t colon = pattern_text.find(':');
  const bool is_bad = colon == std::string::npos || colon + 1 == pattern_text.size() ||
                      pattern_text.find_first_of(" \t\r\n") != std::string::npos;
  if (is_bad) {
    return false;
  }
  if (pattern_text == "*:*") {
    return true;
  }
  const bool ignore_case = !is_mutant(10);
  if (is_mutant(11)) {
    return glob_match(*pattern(pattern_text, true, false), question_.action, ignore_case);
  }
  const std::size_t own = question_.action.find(':');
  if (own == std::string::npos) {
    return false;
  }
  const std::string_view text = pattern_text;
  const std::string_view action = question_.action;
  return glob_match(
             *pattern(text.substr(0, colon), true, false), action.substr(0, own), ignore_case) &&
         glob_match(
             *pattern(text.substr(colon + 1), true, false), action.substr(own + 1), ignore_case);
}

bool Asked::resource_matches(const std::string& text,
                             bool has_variables,
                             std::string_view kind) const {
  if (text == "*") {
    return true;
  }
  if (resource_parts_.size() < 6) {
    return false;
  }
  if (!setting(settings_, "match_resources_per_part", true) || is_mutant(21)) {
    const auto whole = pattern(text, true, has_variables);
    return whole && glob_match(*whole, resource_, false);
  }
  auto parts = split_colons(text, 6);
  if (parts.size() < 6) {
    const bool has_star = text.find('*') != std::string::npos;
    const bool refused =
        (kind == "scp" && !text.ends_with('*')) || (kind != "identity" && !has_star);
    if (refused && !is_mutant(22)) {
      return false;
    }
    parts.resize(6, "*");
  }
  for (std::size_t i = 0; i < 6; ++i) {
    const bool variables = has_variables && (i == 5 || is_mutant(23));
    const auto elements = pattern(parts[i], true, variables);
    if (!elements || !glob_match(*elements, resource_parts_[i], is_mutant(24))) {
      return false;
    }
  }
  return true;
}

bool Asked::arn_matches(const std::string& value,
                        const std::string& operand,
                        bool has_variables) const {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < operand.size();) {
    const std::size_t end = has_variables && operand[i] == '$' ? variable_end(operand, i) : i;
    if (end > i) {
      parts.back() += operand.substr(i, end - i);
      i = end;
    } else if (operand[i] == ':' && parts.size() < 6) {
      parts.emplace_back();
      ++i;
    } else {
      parts.back() += operand[i++];
    }
  }
  const auto own = split_colons(value, 6);
  if (parts.size() < 6 || own.size() < 6) {
    return false;
  }
  if (is_mutant(25)) {
    const auto whole = pattern(operand, true, has_variables);
    return whole && glob_match(*whole, value, false);
  }
  for (std::size_t i = 0; i < 6; ++i) {
    const auto elements = pattern(parts[i], true, has_variables);
    if (!elements || !glob_match(*elements, own[i], false)) {
      return false;
    }
  }
  return true;
}

bool Asked::matches_one(const std::string& base,
                        const std::string& value,
                        const std::string& operand,
                        bool has_variables) const {
  if (base.starts_with("string")) {
    const bool like = base == "stringlike" || (is_mutant(26) && base == "stringequals");
    const auto elements = pattern(operand, like, has_variables);
    const bool ignore_case = base == "stringequalsignorecase" && !is_mutant(27);
    return elements && glob_match(*elements, value, ignore_case);
  }
  if (base.starts_with("numeric")) {
    const auto a = number(value);
    const auto b = number(operand);
    return a && b && order_fits(base, compare(*a, *b));
  }
  if (base.starts_with("date")) {
    const bool four = setting(settings_, "four_digits_are_a_year", true);
    const auto a = date(value, four);
    const auto b = date(operand, four);
    return a && b && order_fits(base, *a < *b ? -1 : (*a > *b ? 1 : 0));
  }
  if (base == "bool") {
    const std::string own = lower(value);
    if (own != "true" && own != "false") {
      return false;
    }
    const bool variables = has_variables && setting(settings_, "variables_in_bool", true);
    const auto elements = pattern(operand, false, variables);
    return elements && glob_match(*elements, value, !is_mutant(28));
  }
  if (base == "binaryequals") {
    const auto a = base64(value);
    const auto b = base64(operand);
    return a && b && *a == *b;
  }
  if (base == "ipaddress") {
    return in_block(value, operand);
  }
  return arn_matches(value, operand, has_variables);
}

bool Asked::matches_any(const std::string& base,
                        const std::string& value,
                        const Json& operands,
                        bool has_variables) const {
  bool is_first = true;
  return any_text(&operands, [&](const std::string& operand) {
    const bool is_asked = is_first || !is_mutant(29);
    is_first = false;
    return is_asked && matches_one(base, value, operand, has_variables);
  });
}

bool Asked::condition_holds(const std::string& op,
                            const std::string& key,
                            const Json& values,
                            bool has_variables) const {
  std::string base = lower(op);
  const auto strip = [&base](std::string_view prefix) {
    const bool has = base.starts_with(prefix);
    base = has ? base.substr(prefix.size()) : base;
    return has;
  };
  const bool for_all = strip("forallvalues:");
  const bool for_any = strip("foranyvalue:");
  bool if_exists = base.ends_with("ifexists");
  base = if_exists ? base.substr(0, base.size() - 8) : base;
  if_exists = if_exists && !is_mutant(30);
  bool negated = false;
  for (const std::string_view not_form : {"stringnotequals",
                                          "stringnotequalsignorecase",
                                          "stringnotlike",
                                          "numericnotequals",
                                          "datenotequals",
                                          "notipaddress",
                                          "arnnotequals",
                                          "arnnotlike"}) {
    if (base == not_form) {
      negated = true;
      base.erase(base.find("not"), 3);
      break;
    }
  }
  const ContextValue* value = find(key);
  const bool absent = value == nullptr || (value->is_list && value->values.empty());
  if (base == "null") {
    if (for_all || for_any) {
      return for_all;
    }
    const bool empty_is_absent = setting(settings_, "null_treats_empty_as_absent", false);
    const bool is_null = absent ||
                         (empty_is_absent && !is_multivalued(key) && value->values[0].empty()) ||
                         (is_mutant(31) && !value->values.empty() && value->values[0].empty());
    return any_text(&values, [is_null](const std::string& operand) {
      return lower(operand) == (is_null ? "true" : "false");
    });
  }
  if (absent) {
    if (for_all) {
      return !is_mutant(32);
    }
    if (for_any) {
      return if_exists || (is_mutant(33) && negated);
    }
    return if_exists || (negated && !is_mutant(34));
  }
  const auto m = [&](const std::string& text) {
    return matches_any(base, text, values, has_variables) != negated;
  };
  bool any = for_any;
  if (!for_all && !for_any && is_multivalued(key)) {
    if (setting(settings_, "list_key_needs_quantifier", true) && !is_mutant(35)) {
      return false;
    }
    any = true;
  }
  if (is_mutant(36) && negated && value->values.size() > 1 && any) {
    return std::all_of(value->values.begin(), value->values.end(), m);
  }
  if (for_all && is_mutant(37)) {
    any = true;
  }
  return any ? std::any_of(value->values.begin(), value->values.end(), m)
             : std::all_of(value->values.begin(), value->values.end(), m);
}

}  // namespace signet::ref
