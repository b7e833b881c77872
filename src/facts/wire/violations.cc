#include "facts/wire/violations.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::facts {
namespace {

constexpr std::size_t kMaxClauseBytes = 65'536;

std::string bound_text(std::string_view kind, std::string_view comparison, std::int64_t bound) {
  return concat(
      "Member must have ", kind, " ", comparison, " than or equal to ", std::to_string(bound));
}

std::string at_most(std::string_view kind, std::int64_t bound) {
  return bound_text(kind, "less", bound);
}

std::string at_least(std::string_view kind, std::int64_t bound) {
  return bound_text(kind, "greater", bound);
}

std::string pattern_text(const Pattern& pattern) {
  return concat("Member must satisfy regular expression pattern: ", pattern.text);
}

bool is_one_of(std::span<const std::string_view> values, std::string_view value) {
  return values.empty() || std::ranges::find(values, value) != values.end();
}

// A code point takes one to four bytes, so most lengths are settled without counting.
bool is_too_long(const StringRule& rule, std::string_view value) {
  return rule.max >= 0 && std::cmp_greater(value.size(), rule.max) &&
         std::cmp_greater(utf8_length(value), rule.max);
}

bool is_too_short(const StringRule& rule, std::string_view value) {
  return std::cmp_less(value.size() / 4, rule.min) && std::cmp_less(utf8_length(value), rule.min);
}

bool breaks(const StringRule& rule, std::string_view value) {
  return is_too_long(rule, value) || is_too_short(rule, value) ||
         (rule.pattern != nullptr && !matches(*rule.pattern, value)) ||
         !is_one_of(rule.values, value);
}

// The bracketed list that stands for any fault of a list's strings (aws-wire 1.9).
std::string all_constraints(const ListRule& list, const StringRule& rule) {
  std::string out = "Member must satisfy constraint: [";
  std::string_view separator;
  const auto add = [&](std::string_view text) {
    out.append(separator).append(text);
    separator = ", ";
  };
  if (rule.max >= 0) {
    add(at_most("length", rule.max));
  }
  if (rule.min >= 0) {
    add(at_least("length", rule.min));
  }
  if (rule.pattern != nullptr) {
    add(pattern_text(*rule.pattern));
  }
  if (!rule.values.empty()) {
    add("Member must satisfy enum value set");
  }
  if (list.names_null) {
    add("Member must not be null");
  }
  return out += ']';
}

std::string joined(std::span<const std::string_view> values) {
  std::string out = "[";
  for (const std::string_view value : values) {
    out.append(out.size() > 1 ? ", " : "").append(value);
  }
  return out += ']';
}

}  // namespace

void Violations::add(std::string_view path,
                     std::optional<std::string_view> value,
                     std::string_view constraint) {
  ++count_;
  if (clauses_.size() > kMaxClauseBytes) {
    return;  // thousands of faulty list members must not make an answer much larger than the
             // request
  }
  clauses_ += clauses_.empty() ? "" : "; ";
  clauses_ += "Value";
  if (echoes_) {
    value ? clauses_.append(" '").append(*value).append("'") : clauses_.append(" null");
  }
  clauses_.append(" at '").append(prefix_).append(path).append("' failed to satisfy constraint: ");
  clauses_.append(constraint);
}

void Violations::check_string(const MemberRule& member,
                              const StringRule& rule,
                              std::string_view value) {
  // A secret is shown as nothing at all; AWS's own form for such members is not known.
  const std::string_view shown = rule.is_sensitive ? std::string_view("***") : value;
  if (rule.pattern != nullptr && !matches(*rule.pattern, value)) {
    if (member.sentence.empty()) {
      add(member.path, shown, pattern_text(*rule.pattern));
    } else if (sentence_.empty()) {
      sentence_ = member.sentence;
    }
  }
  if (!is_one_of(rule.values, value)) {
    add(member.path, shown, "Member must satisfy enum value set");
  }
  if (is_too_long(rule, value)) {
    add(member.path, shown, at_most("length", rule.max));
  }
  if (is_too_short(rule, value)) {
    add(member.path, shown, at_least("length", rule.min));
  }
}

void Violations::check_integer(const MemberRule& member,
                               const BoundsRule& rule,
                               std::int64_t value,
                               std::string_view text) {
  if (rule.max >= 0 && value > rule.max) {
    add(member.path, text, at_most("value", rule.max));
  }
  if (rule.min >= 0 && value < rule.min) {
    add(member.path, text, at_least("value", rule.min));
  }
}

void Violations::check_size(const MemberRule& member, const BoundsRule& rule, std::size_t size) {
  const auto count = static_cast<std::int64_t>(size);
  if (rule.max >= 0 && count > rule.max) {
    add(member.path, "[...]", at_most("length", rule.max));
  }
  if (count < rule.min) {
    add(member.path, "[]", at_least("length", rule.min));
  }
}

void Violations::check_items(const MemberRule& member,
                             const ListRule& list,
                             const StringRule& rule,
                             std::span<const std::string_view> values) {
  const auto is_broken = [&rule](std::string_view value) {
    return breaks(rule, value);
  };
  if (std::ranges::any_of(values, is_broken)) {
    add(member.path,
        rule.is_sensitive ? std::string("[***]") : joined(values),
        all_constraints(list, rule));
  }
}

Status Violations::finish() const {
  if (count_ > 0) {
    return fail(ErrorCode::ValidationError,
                concat(std::to_string(count_),
                       count_ == 1 ? " validation error" : " validation errors",
                       " detected: ",
                       clauses_));
  }
  if (!sentence_.empty()) {
    return fail(ErrorCode::ValidationError, sentence_);
  }
  return {};
}

}  // namespace signet::facts
