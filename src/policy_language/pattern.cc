#include "policy_language/pattern.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "base/strings.h"

namespace signet::policy {
namespace {

constexpr bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// One code point forward or backward; a malformed byte counts with the continuation bytes that
// follow it.
std::size_t step_forward(std::string_view s, std::size_t at) {
  ++at;
  while (at < s.size() && is_continuation(s[at])) {
    ++at;
  }
  return at;
}

std::size_t step_backward(std::string_view s, std::size_t low, std::size_t at) {
  --at;
  while (at > low && is_continuation(s[at])) {
    --at;
  }
  return at;
}

bool same_text(std::string_view a, std::string_view b, bool ignore_case) {
  return ignore_case ? equals_ignore_case(a, b) : a == b;
}

// A match in progress: the subject, and where the values of variables come from.
class Matcher {
 public:
  Matcher(std::span<const Variable> variables,
          std::string_view subject,
          VariableSource* source,
          bool ignore_case)
      : variables_(variables), subject_(subject), source_(source), ignore_case_(ignore_case) {}

  bool run(std::span<const Token> tokens) {
    std::size_t star = find_star(tokens, 0);
    if (star == tokens.size()) {
      std::size_t at = 0;
      return segment_at(tokens, at) && at == subject_.size();
    }
    std::size_t low = 0;
    if (!segment_at(tokens.first(star), low)) {
      return false;
    }
    std::size_t last_star = tokens.size() - 1;
    while (tokens[last_star].kind != Token::Kind::AnyRun) {
      --last_star;
    }
    std::size_t high = subject_.size();
    if (!segment_before(tokens.subspan(last_star + 1), low, high)) {
      return false;
    }
    while (star < last_star) {
      const std::size_t next = find_star(tokens, star + 1);
      if (!find_segment(tokens.subspan(star + 1, next - star - 1), low, high)) {
        return false;
      }
      star = next;
    }
    return true;
  }

 private:
  static std::size_t find_star(std::span<const Token> tokens, std::size_t from) {
    while (from < tokens.size() && tokens[from].kind != Token::Kind::AnyRun) {
      ++from;
    }
    return from;
  }

  // The text a literal or variable token stands for; false for a variable without value.
  bool text_of(const Token& token, std::string_view& out) {
    if (token.kind == Token::Kind::Literal) {
      out = token.literal;
      return true;
    }
    const Variable& variable = variables_[token.variable];
    return source_ != nullptr && source_->value_of(variable, out);
  }

  // Matches the segment at `at` and moves `at` behind it.
  bool segment_at(std::span<const Token> tokens, std::size_t& at) {
    for (const Token& token : tokens) {
      if (token.kind == Token::Kind::AnyChar) {
        if (at >= subject_.size()) {
          return false;
        }
        at = step_forward(subject_, at);
        continue;
      }
      std::string_view text;
      if (!text_of(token, text) || subject_.size() - at < text.size() ||
          !same_text(subject_.substr(at, text.size()), text, ignore_case_)) {
        return false;
      }
      at += text.size();
    }
    return true;
  }

  // Matches the segment so that it ends at `high`; moves `high` to its beginning, never below
  // `low`.
  bool segment_before(std::span<const Token> tokens, std::size_t low, std::size_t& high) {
    for (std::size_t i = tokens.size(); i > 0; --i) {
      const Token& token = tokens[i - 1];
      if (token.kind == Token::Kind::AnyChar) {
        if (high <= low) {
          return false;
        }
        high = step_backward(subject_, low, high);
        continue;
      }
      std::string_view text;
      if (!text_of(token, text) || high - low < text.size() ||
          !same_text(subject_.substr(high - text.size(), text.size()), text, ignore_case_)) {
        return false;
      }
      high -= text.size();
    }
    return true;
  }

  // Leftmost place of the segment within [low, high); moves `low` behind it.
  bool find_segment(std::span<const Token> tokens, std::size_t& low, std::size_t high) {
    if (tokens.empty()) {
      return true;
    }
    std::string_view first;
    const bool has_literal_head = tokens[0].kind != Token::Kind::AnyChar;
    if (has_literal_head && !text_of(tokens[0], first)) {
      return false;
    }
    const bool can_search = has_literal_head && !first.empty() && !ignore_case_;
    const std::string_view whole = subject_;
    subject_ = whole.substr(0, high);
    bool found = false;
    std::size_t at = low;
    while (at <= high) {
      if (can_search) {
        // Asked again: a value that was rendered lives only until the next one is (VariableSource).
        text_of(tokens[0], first);
        at = subject_.find(first, at);
        if (at == std::string_view::npos) {
          break;
        }
      }
      std::size_t end = at;
      if (segment_at(tokens, end)) {
        low = end;
        found = true;
        break;
      }
      at = at < high ? step_forward(subject_, at) : high + 1;
    }
    subject_ = whole;
    return found;
  }

  std::span<const Variable> variables_;
  std::string_view subject_;
  VariableSource* source_;
  bool ignore_case_;
};

// Two-pointer glob: remembers the last star only, so it never backtracks further.
template <bool kIgnoreCase>
bool glob(std::string_view pattern, std::string_view subject) {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::size_t p = 0;
  std::size_t s = 0;
  std::size_t star = kNone;
  std::size_t resume = 0;
  while (s < subject.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = s;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      s = step_forward(subject, s);
    } else if (p < pattern.size() && (kIgnoreCase ? to_lower(pattern[p]) == to_lower(subject[s])
                                                  : pattern[p] == subject[s])) {
      ++p;
      ++s;
    } else if (star != kNone) {
      p = star + 1;
      resume = step_forward(subject, resume);
      s = resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

// May mean more than itself somewhere in a pattern. A table: one load a character.
constexpr auto kSpecial = [] {
  std::array<bool, 256> table{};
  table['*'] = table['?'] = table['$'] = true;
  return table;
}();

bool is_special(char c) {
  return kSpecial[static_cast<unsigned char>(c)];
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') {
    s.remove_prefix(1);
  }
  while (!s.empty() && s.back() == ' ') {
    s.remove_suffix(1);
  }
  return s;
}

// Collects tokens of one text, joining what belongs together.
class TokenWriter {
 public:
  TokenWriter(PatternStore& store, std::string_view text) : store_(store), text_(text) {
    pattern_.first = static_cast<std::uint32_t>(store.tokens.size());
  }

  void literal(std::size_t begin, std::size_t end) {
    if (end > begin) {
      push(Token{.kind = Token::Kind::Literal,
                 .variable = 0,
                 .literal = text_.substr(begin, end - begin)});
    }
  }

  void any_char() {
    pattern_.has_wildcard = true;
    push(Token{.kind = Token::Kind::AnyChar, .variable = 0, .literal = {}});
  }

  void any_run() {
    pattern_.has_wildcard = true;
    const bool repeats =
        store_.tokens.size() > pattern_.first && store_.tokens.back().kind == Token::Kind::AnyRun;
    if (!repeats) {
      push(Token{.kind = Token::Kind::AnyRun, .variable = 0, .literal = {}});
    }
  }

  void variable(const VariableSyntax& syntax) {
    if (syntax.key == "*" || syntax.key == "?" || syntax.key == "$") {
      push(Token{.kind = Token::Kind::Literal, .variable = 0, .literal = syntax.key});
      return;
    }
    pattern_.has_variable = true;
    push(Token{.kind = Token::Kind::Variable,
               .variable = static_cast<std::uint32_t>(store_.variables.size()),
               .literal = {}});
    store_.variables.push_back(Variable{.key = resolve_key(syntax.key),
                                        .default_value = syntax.default_value,
                                        .has_default = syntax.has_default});
  }

  Pattern finish() {
    const std::size_t count = store_.tokens.size() - pattern_.first;
    if (count > std::numeric_limits<std::uint16_t>::max()) {
      return never();
    }
    pattern_.count = static_cast<std::uint16_t>(count);
    return pattern_;
  }

 private:
  void push(const Token& token) { store_.tokens.push_back(token); }

  // A variable that no request has: matches nothing.
  Pattern never() {
    store_.tokens.resize(pattern_.first);
    variable(VariableSyntax{.end = 0, .key = {}, .default_value = {}, .has_default = false});
    pattern_.count = 1;
    return pattern_;
  }

  PatternStore& store_;
  std::string_view text_;
  Pattern pattern_;
};

}  // namespace

VariableSyntax scan_variable(std::string_view text, std::size_t at) {
  VariableSyntax none{.end = at, .key = {}, .default_value = {}, .has_default = false};
  if (text.size() - at < 4 || text[at + 1] != '{') {
    return none;
  }
  const std::size_t begin = at + 2;
  // Plain loops here and below: find_first_of() asks memchr about every character.
  std::size_t stop = begin;
  while (stop < text.size() && text[stop] != ',' && text[stop] != '}') {
    ++stop;
  }
  if (stop == text.size()) {
    return none;
  }
  VariableSyntax result{.end = stop + 1,
                        .key = trim(text.substr(begin, stop - begin)),
                        .default_value = {},
                        .has_default = false};
  const bool is_odd =
      result.key.empty() || std::any_of(result.key.begin(), result.key.end(), [](char c) {
        return c == '$' || c == '{' || c == '\'';
      });
  if (is_odd && result.key != "$") {
    return none;
  }
  if (text[stop] == '}') {
    return result;
  }
  const std::size_t open = text.find_first_not_of(' ', stop + 1);
  if (open == std::string_view::npos || text[open] != '\'') {
    return none;
  }
  const std::size_t close = text.find('\'', open + 1);
  if (close == std::string_view::npos) {
    return none;
  }
  const std::size_t brace = text.find_first_not_of(' ', close + 1);
  if (brace == std::string_view::npos || text[brace] != '}') {
    return none;
  }
  result.default_value = text.substr(open + 1, close - open - 1);
  result.has_default = true;
  result.end = brace + 1;
  return result;
}

Pattern make_pattern(PatternStore& store, std::string_view text, PatternRules rules) {
  TokenWriter writer(store, text);
  const char* const first = text.data();
  const char* const last = first + text.size();
  const auto offset = [first](const char* p) {
    return static_cast<std::size_t>(p - first);
  };
  std::size_t begin = 0;
  const char* at = first;
  while (true) {
    while (at != last && !is_special(*at)) {
      ++at;
    }
    if (at == last) {
      break;
    }
    if (*at == '$' && rules.variables) {
      const VariableSyntax syntax = scan_variable(text, offset(at));
      if (syntax.end > offset(at)) {
        writer.literal(begin, offset(at));
        writer.variable(syntax);
        begin = syntax.end;
        at = first + begin;
        continue;
      }
    } else if (*at != '$' && rules.wildcards) {
      writer.literal(begin, offset(at));
      if (*at == '*') {
        writer.any_run();
      } else {
        writer.any_char();
      }
      begin = offset(at) + 1;
    }
    ++at;
  }
  writer.literal(begin, text.size());
  return writer.finish();
}

bool match_tokens(std::span<const Token> tokens,
                  std::span<const Variable> variables,
                  std::string_view subject,
                  VariableSource* source,
                  bool ignore_case) {
  return Matcher(variables, subject, source, ignore_case).run(tokens);
}

bool match_glob(std::string_view pattern, std::string_view subject) {
  return glob<false>(pattern, subject);
}

bool match_glob_ignore_case(std::string_view pattern, std::string_view subject) {
  return glob<true>(pattern, subject);
}

}  // namespace signet::policy
