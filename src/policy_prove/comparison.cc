#include "policy_prove/comparison.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "policy_engine/evaluate.h"

namespace signet::policy::prove {
namespace {

// The operand's globs: what it matches for certain, what it can match.
void add_operand(Comparison& test,
                 const CompiledPolicy& policy,
                 const Pattern& pattern,
                 const Bindings& bindings) {
  bool has_unknown = false;
  if (auto glob = glob_of(policy, pattern, bindings, true, false, has_unknown)) {
    glob->ignore_case = test.ignore_case;
    test.certain.globs.push_back(*std::move(glob));
  }
  if (auto glob = glob_of(policy, pattern, bindings, false, false, has_unknown)) {
    glob->ignore_case = test.ignore_case;
    test.possible.globs.push_back(*std::move(glob));
  }
  test.has_variables = test.has_variables || has_unknown;
}

void add_arn(Comparison& test,
             const CompiledPolicy& policy,
             const ArnOperand& arn,
             const Bindings& bindings) {
  for (const bool is_certain : {true, false}) {
    Glob whole;
    bool is_possible = true;
    for (std::size_t part = 0; part < arn.size() && is_possible; ++part) {
      const bool is_tail = part + 1 == arn.size();
      const auto glob =
          glob_of(policy, arn[part], bindings, is_certain, !is_tail, test.has_variables);
      is_possible = glob.has_value();
      if (glob) {
        whole.tokens.insert(whole.tokens.end(), glob->tokens.begin(), glob->tokens.end());
        if (!is_tail) {
          whole.add_text(":");
        }
      }
    }
    if (is_possible) {
      (is_certain ? test.certain : test.possible).globs.push_back(std::move(whole));
    }
  }
}

void add_bool(Comparison& test,
              const CompiledPolicy& policy,
              const Operand& operand,
              const Bindings& bindings) {
  Comparison told;
  told.ignore_case = true;
  if (operand.pattern.has_variable) {
    add_operand(told, policy, operand.pattern, bindings);
  }
  test.has_variables = test.has_variables || told.has_variables;
  for (const bool value : {true, false}) {
    const std::string_view text = value ? "true" : "false";
    Glob glob = make_literal(text);
    glob.ignore_case = true;
    const bool is_operand = !operand.pattern.has_variable && operand.boolean == value;
    if (is_operand || told.certain.contains(text)) {
      test.certain.globs.push_back(glob);
    }
    if (is_operand || told.possible.contains(text)) {
      test.possible.globs.push_back(std::move(glob));
    }
  }
}

Comparison::Kind kind_of(Compare compare) {
  if (is_numeric_compare(compare)) {
    return Comparison::Kind::Number;
  }
  if (is_date_compare(compare)) {
    return Comparison::Kind::Date;
  }
  if (compare == Compare::IpAddress) {
    return Comparison::Kind::Address;
  }
  return compare == Compare::BinaryEquals ? Comparison::Kind::Binary : Comparison::Kind::Text;
}

bool is_date_passed(const Comparison& test, std::string_view text) {
  const auto date = parse_date(text);
  return date && std::ranges::any_of(test.dates, [&](std::int64_t other) {
           return is_ordered(test.compare, *date < other ? -1 : (*date > other ? 1 : 0));
         });
}

}  // namespace

std::optional<Glob> glob_of(const CompiledPolicy& policy,
                            const Pattern& pattern,
                            const Bindings& bindings,
                            bool is_certain,
                            bool in_part,
                            bool& has_unknown) {
  using enum GlobToken::Kind;
  Glob glob;
  for (const Token& token : policy.store.of(pattern)) {
    switch (token.kind) {
      case Token::Kind::Literal:
        glob.add_text(token.literal);
        break;
      case Token::Kind::AnyChar:
        glob.add(in_part ? AnyInPart : Any);
        break;
      case Token::Kind::AnyRun:
        glob.add(in_part ? RunInPart : Run);
        break;
      case Token::Kind::Variable: {
        const auto value = bindings(policy.store.variables[token.variable]);
        if (!value) {
          has_unknown = true;
          if (is_certain) {
            return std::nullopt;
          }
          glob.add(Run);
        } else if (!*value || (in_part && (*value)->find(':') != std::string::npos)) {
          return std::nullopt;
        } else {
          glob.add_text(**value);
        }
        break;
      }
    }
  }
  return glob;
}

Comparison make_comparison(const CompiledPolicy& policy,
                           const Condition& condition,
                           const Bindings& bindings) {
  Comparison test;
  test.compare = condition.op.compare;
  test.kind = kind_of(condition.op.compare);
  test.ignore_case =
      test.compare == Compare::StringEqualsIgnoreCase || test.compare == Compare::Bool;
  for (const Operand& operand : CompiledPolicy::slice(policy.operands, condition.operands)) {
    if (test.compare == Compare::Bool) {
      add_bool(test, policy, operand, bindings);
    } else if (is_string_compare(test.compare)) {
      add_operand(test, policy, operand.pattern, bindings);
    } else if (operand.extra == Operand::kUnreadable) {
      continue;  // matches nothing
    } else if (test.compare == Compare::ArnLike) {
      add_arn(test, policy, policy.arns[operand.extra], bindings);
    } else if (test.kind == Comparison::Kind::Number) {
      test.numbers.push_back(policy.numbers[operand.extra]);
    } else if (test.kind == Comparison::Kind::Date) {
      test.dates.push_back(policy.dates[operand.extra]);
    } else if (test.kind == Comparison::Kind::Address) {
      test.blocks.push_back(policy.blocks[operand.extra]);
    } else {
      test.binaries.push_back(policy.binaries[operand.extra]);
    }
  }
  return test;
}

std::optional<bool> passes(const Comparison& test, std::string_view text) {
  switch (test.kind) {
    case Comparison::Kind::Text: {
      if (test.compare == Compare::Bool && !parse_bool(text)) {
        return false;
      }
      if (test.certain.contains(text)) {
        return true;
      }
      const bool is_open = test.has_variables && test.possible.contains(text);
      return is_open ? std::nullopt : std::optional(false);
    }
    case Comparison::Kind::Number: {
      const auto number = parse_number(text);
      return number && std::ranges::any_of(test.numbers, [&](const Number& other) {
               return is_ordered(test.compare, compare_numbers(*number, other));
             });
    }
    case Comparison::Kind::Date:
      return is_date_passed(test, text);
    case Comparison::Kind::Address: {
      const auto address = parse_ip(text);
      return address && std::ranges::any_of(test.blocks, [&](const IpBlock& block) {
               return contains(block, *address);
             });
    }
    case Comparison::Kind::Binary:
      return std::ranges::any_of(
          test.binaries, [&](const std::string& bytes) { return base64_equals(text, bytes); });
  }
  return std::nullopt;
}

}  // namespace signet::policy::prove
