#include "reference_match.h"

#include <algorithm>
#include <array>
#include <set>

#include "reference_values.h"

namespace signet::ref {
namespace {

int g_mutant = 0;

std::u32string points(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int extra = lead < 0x80 ? 0 : (lead < 0xE0 ? 1 : (lead < 0xF0 ? 2 : 3));
    char32_t point =
        extra == 0 ? lead : (extra == 1 ? lead & 31 : (extra == 2 ? lead & 15 : lead & 7));
    for (int k = 1; k <= extra && i + static_cast<std::size_t>(k) < text.size(); ++k) {
      point =
          (point << 6) | (static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]) & 63);
    }
    out += point;
    i += static_cast<std::size_t>(extra) + 1;
  }
  return out;
}

char32_t lower_point(char32_t c) {
  return c >= U'A' && c <= U'Z' ? c + 32 : c;
}

std::string trim(std::string text) {
  while (!text.empty() && text.front() == ' ') {
    text.erase(0, 1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.pop_back();
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

std::vector<std::string> split_colons(std::string_view text, std::size_t limit) {
  std::vector<std::string> parts;
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

bool glob_match(const Elements& pattern, std::string_view subject, bool ignore_case) {
  const std::u32string text = points(subject);
  std::vector<char> reach(text.size() + 1, 0);
  reach[0] = 1;
  for (const Element& element : pattern) {
    std::vector<char> next(text.size() + 1, 0);
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (reach[i] == 0) {
        continue;
      }
      if (element.kind == Element::Kind::Any) {
        for (std::size_t k = i; k <= text.size(); ++k) {
          next[k] = 1;
          if (k < text.size() &&
              ((is_mutant(1) && text[k] == U'/') || (is_mutant(2) && text[k] == U'\n'))) {
            break;
          }
        }
      } else if (i < text.size()) {
        const bool fits = element.kind == Element::Kind::One ||
                          (ignore_case ? lower_point(element.point) == lower_point(text[i])
                                       : element.point == text[i]);
        next[i + 1] = fits ? 1 : next[i + 1];
      } else if (is_mutant(3) && element.kind == Element::Kind::One) {
        next[i] = 1;
      }
    }
    reach = next;
  }
  return reach[text.size()] != 0;
}

std::optional<ContextValue> Asked::find(const std::string& key) const {
  const std::string wanted = lower(key);
  const ContextValue* folded = nullptr;
  for (const auto& [name, value] : question_.context) {
    if (name == key) {
      folded = &value;
      break;
    }
    if (folded == nullptr && lower(name) == wanted && !is_mutant(4)) {
      folded = &value;
    }
  }
  if (folded != nullptr) {
    return *folded;
  }
  for (const std::string prefix : {"aws:resourcetag/", "iam:resourcetag/"}) {
    const bool sees = question_.creates_resource &&
                      setting(settings_, "create_sees_request_tags_as_resource_tags", true);
    if (sees && wanted.starts_with(prefix)) {
      return find("aws:RequestTag/" + key.substr(prefix.size()));
    }
  }
  return std::nullopt;
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
  const auto value = find(key);
  const bool is_known = name.starts_with("aws:") || name.starts_with("s3:") ||
                        name.starts_with("iam:") || name.starts_with("sts:");
  return value && value->is_list && !(is_known && value->values.size() == 1);
}

std::optional<std::string> Asked::variable(const std::string& body) const {
  const std::size_t comma = body.find(',');
  const std::string key = trim(body.substr(0, comma));
  if (!is_multivalued(key)) {
    const auto value = find(key);
    if (value && !value->values.empty()) {
      const bool empty_counts =
          !setting(settings_, "empty_value_is_unresolved", true) || is_mutant(5);
      if (!value->values[0].empty() || empty_counts) {
        return value->values[0];
      }
    }
  }
  if (comma == std::string::npos) {
    return is_mutant(6) ? std::optional<std::string>("") : std::nullopt;
  }
  const std::string rest = trim(body.substr(comma + 1));
  return is_mutant(7) ? std::nullopt : std::optional<std::string>(rest.substr(1, rest.size() - 2));
}

namespace {

// End of the variable at text[at] == '$', one past the brace; `at` when there is none (R-4.7).
std::size_t variable_end(const std::string& text, std::size_t at) {
  if (text.compare(at, 2, "${") != 0) {
    return at;
  }
  const std::size_t stop = text.find_first_of(",}", at + 2);
  if (stop == std::string::npos) {
    return at;
  }
  const std::string key = trim(text.substr(at + 2, stop - at - 2));
  if (key.empty() || (key != "$" && key.find_first_of("${'") != std::string::npos)) {
    return at;
  }
  if (text[stop] == '}') {
    return stop + 1;
  }
  const std::size_t open = text.find_first_not_of(' ', stop + 1);
  if (open == std::string::npos || text[open] != '\'') {
    return at;
  }
  const std::size_t close = text.find('\'', open + 1);
  if (close == std::string::npos) {
    return at;
  }
  const std::size_t brace = text.find_first_not_of(' ', close + 1);
  return brace == std::string::npos || text[brace] != '}' ? at : brace + 1;
}

}  // namespace

std::optional<Elements> Asked::pattern(const std::string& text,
                                       bool wildcards,
                                       bool variables) const {
  Elements out;
  const auto literal = [&out](const std::string& chars) {
    for (const char32_t point : points(chars)) {
      out.push_back({.kind = Element::Kind::Char, .point = point});
    }
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = variables && text[i] == '$' ? variable_end(text, i) : i;
    if (end > i) {
      const std::string body = text.substr(i + 2, end - i - 3);
      if (trim(body) == "*" || trim(body) == "?" || trim(body) == "$") {
        if (is_mutant(8) && trim(body) == "*") {
          out.push_back({.kind = Element::Kind::Any, .point = 0});
        } else {
          literal(trim(body));
        }
      } else {
        const auto value = variable(body);
        if (!value) {
          return std::nullopt;
        }
        if (is_mutant(9) && wildcards) {
          for (const char32_t point : points(*value)) {
            out.push_back(
                {.kind = point == U'*' ? Element::Kind::Any : Element::Kind::Char, .point = point});
          }
        } else {
          literal(*value);
        }
      }
      i = end;
      continue;
    }
    if (wildcards && (text[i] == '*' || text[i] == '?')) {
      out.push_back({.kind = text[i] == '*' ? Element::Kind::Any : Element::Kind::One, .point = 0});
      ++i;
      continue;
    }
    std::size_t next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) {
      ++next;
    }
    literal(text.substr(i, next - i));
    i = next;
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
  return glob_match(*pattern(pattern_text.substr(0, colon), true, false),
                    question_.action.substr(0, own),
                    ignore_case) &&
         glob_match(*pattern(pattern_text.substr(colon + 1), true, false),
                    question_.action.substr(own + 1),
                    ignore_case);
}

bool Asked::resource_matches(const std::string& text,
                             bool has_variables,
                             std::string_view kind) const {
  if (text == "*") {
    return true;
  }
  const std::string resource = question_.wildcard_only ? "*" : question_.resource;
  const auto asked = split_colons(resource, 6);
  if (asked.size() < 6) {
    return false;
  }
  if (!setting(settings_, "match_resources_per_part", true) || is_mutant(21)) {
    const auto whole = pattern(text, true, has_variables);
    return whole && glob_match(*whole, resource, false);
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
    if (!elements || !glob_match(*elements, asked[i], is_mutant(24))) {
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
                        const std::vector<std::string>& operands,
                        bool has_variables) const {
  for (const std::string& operand : operands) {
    if (matches_one(base, value, operand, has_variables)) {
      return true;
    }
    if (is_mutant(29)) {
      return false;
    }
  }
  return false;
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
  for (const std::string not_form : {"stringnotequals",
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
  const auto value = find(key);
  const std::vector<std::string> operands = texts(&values);
  const bool absent = !value || (value->is_list && value->values.empty());
  if (base == "null") {
    if (for_all || for_any) {
      return for_all;
    }
    const bool empty_is_absent = setting(settings_, "null_treats_empty_as_absent", false);
    const bool is_null = absent ||
                         (empty_is_absent && !is_multivalued(key) && value->values[0].empty()) ||
                         (is_mutant(31) && !value->values.empty() && value->values[0].empty());
    return std::any_of(operands.begin(), operands.end(), [is_null](const std::string& o) {
      return lower(o) == (is_null ? "true" : "false");
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
    return matches_any(base, text, operands, has_variables) != negated;
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
