#include "policy_prove/formula.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/strings.h"
#include "policy_engine/evaluate.h"
#include "policy_prove/access.h"
#include "policy_prove/callers.h"
#include "policy_prove/lexicon.h"
#include "policy_prove/request_kinds.h"

namespace signet::policy::prove {
namespace {

constexpr std::size_t kMaxTerms = 32;

// The comparison that holds of a value where the other does not; nothing: there is no such
// operator.
std::optional<Operator> opposite(Operator op) {
  using enum Compare;
  if (op.compare == BinaryEquals || op.compare == Bool || op.compare == Null) {
    return std::nullopt;
  }
  constexpr std::pair<Compare, Compare> kOrders[] = {{NumericLess, NumericGreaterOrEqual},
                                                     {NumericLessOrEqual, NumericGreater},
                                                     {DateLess, DateGreaterOrEqual},
                                                     {DateLessOrEqual, DateGreater}};
  for (const auto& [less, more] : kOrders) {
    if (op.compare == less || op.compare == more) {
      op.compare = op.compare == less ? more : less;
      return op;
    }
  }
  op.is_negated = !op.is_negated;
  return op;
}

FormulaEntry presence(const std::string& key) {
  return {.op = {.compare = Compare::Null}, .key = key, .values = {"false"}};
}

// The other truth value; nothing: both or none are asked for.
std::optional<std::string> other_truth(const FormulaEntry& entry) {
  if (entry.values.size() != 1) {
    return std::nullopt;
  }
  const bool is_true = equals_ignore_case(entry.values.front(), "true");
  const bool is_false = equals_ignore_case(entry.values.front(), "false");
  return is_true || is_false ? std::optional<std::string>(is_true ? "false" : "true")
                             : std::nullopt;
}

// Of a key that one request can have in one way only, what holds where the entry does not.
std::optional<FormulaTerm> denial_of_boolean(const FormulaEntry& entry) {
  const auto other = other_truth(entry);
  if (!other || entry.op.quantifier != Quantifier::None) {
    return std::nullopt;
  }
  FormulaEntry opposed{.op = entry.op, .key = entry.key, .values = {*other}};
  opposed.op.if_exists = entry.op.compare == Compare::Bool && !entry.op.if_exists;
  return FormulaTerm{std::move(opposed)};
}

// What holds where the entry does not.
std::optional<FormulaTerm> denial_of(const FormulaEntry& entry) {
  if (entry.op.compare == Compare::Bool || entry.op.compare == Compare::Null) {
    return denial_of_boolean(entry);
  }
  const auto op = opposite(entry.op);
  if (!op) {
    return std::nullopt;
  }
  FormulaEntry opposed{.op = *op, .key = entry.key, .values = entry.values};
  if (entry.op.quantifier != Quantifier::None) {
    if (entry.op.if_exists) {
      return std::nullopt;
    }
    opposed.op.quantifier = entry.op.quantifier == Quantifier::ForAnyValue
                                ? Quantifier::ForAllValues
                                : Quantifier::ForAnyValue;
    return FormulaTerm{std::move(opposed)};
  }
  opposed.op.if_exists = false;
  const bool holds_when_absent = entry.op.is_negated || entry.op.if_exists;
  const bool has_negation = op->is_negated;
  if (!holds_when_absent) {
    opposed.op.if_exists = !has_negation;  // a negated operator holds of an absent key by itself
    return FormulaTerm{std::move(opposed)};
  }
  FormulaTerm term{std::move(opposed)};
  if (has_negation) {
    term.push_back(presence(entry.key));
  }
  return term;
}

void add_entry(FormulaTerm& term, FormulaEntry entry) {
  if (std::ranges::find(term, entry) == term.end()) {
    term.push_back(std::move(entry));
  }
}

bool is_part_of(const FormulaTerm& less, const FormulaTerm& more) {
  return std::ranges::all_of(less, [&more](const FormulaEntry& entry) {
    return std::ranges::find(more, entry) != more.end();
  });
}

// Leaves out terms that say no more than another.
void absorb(Formula& formula) {
  Formula kept;
  for (FormulaTerm& term : formula) {
    const bool is_told = std::ranges::any_of(
        kept, [&term](const FormulaTerm& other) { return is_part_of(other, term); });
    if (!is_told) {
      std::erase_if(kept, [&term](const FormulaTerm& other) { return is_part_of(term, other); });
      kept.push_back(std::move(term));
    }
  }
  formula = std::move(kept);
}

// Both hold. False: too many terms.
bool restrict_to(Formula& formula, const Formula& other) {
  Formula both;
  for (const FormulaTerm& a : formula) {
    for (const FormulaTerm& b : other) {
      FormulaTerm term = a;
      for (const FormulaEntry& entry : b) {
        add_entry(term, entry);
      }
      both.push_back(std::move(term));
    }
    if (both.size() > kMaxTerms * kMaxTerms) {
      return false;
    }
  }
  absorb(both);
  formula = std::move(both);
  return formula.size() <= kMaxTerms;
}

// Drafts the formula of one caller.
class Drafter {
 public:
  Drafter(Question& question, const Caller& caller)
      : question_(question), caller_(caller), principal_(caller.principal()) {}

  std::optional<Formula> run() {
    tell_what_is_fixed();
    const auto kind = kind_of_request();
    if (!kind) {
      return std::nullopt;
    }
    const std::vector<AccessStatement> statements = statements_of(question_.inputs);
    const Access access = access_of(question_.inputs, statements, principal_, *kind);
    if (access.is_never) {
      return Formula();
    }
    Formula formula{{}};
    for (const auto& clause : access.clauses) {
      Formula alternatives;
      for (const AccessStatement& statement : clause) {
        if (auto term = term_of(statement)) {
          alternatives.push_back(*std::move(term));
        }
      }
      absorb(alternatives);
      if (is_untellable_ || !restrict_to(formula, alternatives)) {
        return std::nullopt;
      }
    }
    for (const AccessStatement& statement : access.denials) {
      const auto term = term_of(statement);
      if (!term) {
        continue;
      }
      Formula escapes;
      for (const FormulaEntry& entry : *term) {
        auto escape = denial_of(entry);
        if (!escape) {
          return std::nullopt;
        }
        escapes.push_back(*std::move(escape));
      }
      if (is_untellable_ || !restrict_to(formula, escapes)) {
        return std::nullopt;
      }
    }
    return is_untellable_ ? std::nullopt : std::optional(std::move(formula));
  }

 private:
  // Keys that all requests of the caller say alike, for patterns and conditions that ask for them.
  void tell_what_is_fixed() {
    for (const std::string_view name : {"aws:PrincipalArn",
                                        "aws:PrincipalAccount",
                                        "aws:PrincipalType",
                                        "aws:userid",
                                        "aws:username"}) {
      const DimensionDomain domain = caller_.domain_of(resolve_key(name));
      if (!domain.fixed && !domain.may_be_absent && domain.text.fixed) {
        question_.context.add(name, question_.texts.emplace_back(*domain.text.fixed));
      }
    }
  }

  [[nodiscard]] std::optional<RequestKind> kind_of_request() const {
    const std::string_view resource = question_.request.resource.text();
    const bool is_arn = resource != "*";
    const ActionTraits traits = traits_of(question_.request.action.text());
    for (const ResourceCase& one :
         resource_cases(caller_, traits, question_.request.resource_account)) {
      const bool fits =
          one.is_arn == is_arn && std::ranges::all_of(one.limits, [&](const auto& limit) {
            return arn_language(limit.pattern).contains(resource) == limit.is_inside;
          });
      if (fits) {
        return one.kind;
      }
    }
    return std::nullopt;
  }

  // The conditions of a statement that speaks of action and resource; nothing: it does not apply.
  [[nodiscard]] std::optional<FormulaTerm> term_of(const AccessStatement& statement) {
    const CompiledPolicy& policy = *member_of(statement).policy;
    const CompiledStatement& compiled = compiled_of(statement);
    const RequestParts parts(question_.request);
    Evaluation evaluation(parts, principal_, question_.context, kDefaultSettings, false);
    if (!evaluation.action_applies(policy, compiled) ||
        !evaluation.resource_applies(policy, compiled, statement.set->kind())) {
      return std::nullopt;
    }
    FormulaTerm term;
    for (const Condition& condition :
         CompiledPolicy::slice(policy.conditions, compiled.conditions)) {
      const auto operands = CompiledPolicy::slice(policy.operands, condition.operands);
      const bool has_variables = std::ranges::any_of(operands, [](const Operand& operand) {
        return operand.text.find("${") != std::string_view::npos;
      });
      if (!has_variables && is_fixed(condition.key)) {
        if (!evaluation.holds(policy, condition)) {
          return std::nullopt;
        }
        continue;
      }
      // In a document without a version "${" is text.
      is_untellable_ =
          is_untellable_ || (has_variables && policy.document->version() == Version::V2008);
      FormulaEntry entry{.op = condition.op, .key = std::string(condition.key_text), .values = {}};
      for (const Operand& operand : operands) {
        entry.values.emplace_back(operand.text);
      }
      std::ranges::sort(entry.values);
      add_entry(term, std::move(entry));
    }
    return term;
  }

  // All requests of the caller say the same of it, and the question's context has it.
  [[nodiscard]] bool is_fixed(const KeyRef& key) const {
    const DimensionDomain domain = caller_.domain_of(key);
    const bool is_absent = !domain.may_be_single && !domain.may_be_list;
    return domain.fixed || is_absent || (!domain.may_be_absent && domain.text.fixed);
  }

  Question& question_;
  const Caller& caller_;
  Principal principal_;
  bool is_untellable_ = false;
};

// Negated operators ask of all their values at once.
bool can_be_joined(const FormulaEntry& a, const FormulaEntry& b) {
  return a.op.is_negated && a.op.quantifier == Quantifier::None && a.op.compare == b.op.compare &&
         b.op.is_negated && a.op.if_exists == b.op.if_exists &&
         b.op.quantifier == Quantifier::None && equals_ignore_case(a.key, b.key);
}

}  // namespace

bool FormulaEntry::operator==(const FormulaEntry& other) const {
  return op.compare == other.op.compare && op.quantifier == other.op.quantifier &&
         op.is_negated == other.op.is_negated && op.if_exists == other.op.if_exists &&
         equals_ignore_case(key, other.key) && values == other.values;
}

std::optional<Formula> draft_formula(Question& question) {
  const PrincipalKind kind = question.principal.kind;
  const bool is_told = kind == PrincipalKind::User || kind == PrincipalKind::AssumedRole ||
                       kind == PrincipalKind::Saml || kind == PrincipalKind::WebIdentity ||
                       kind == PrincipalKind::Service;
  if (!is_told) {
    return std::nullopt;
  }
  Formula all;
  for (const Caller& caller : callers_of(question, naming_sets(question.inputs))) {
    auto formula = Drafter(question, caller).run();
    if (!formula) {
      return std::nullopt;
    }
    const bool is_named = caller.kind == PrincipalKind::AssumedRole && !caller.is_any_session;
    for (FormulaTerm& term : *formula) {
      if (is_named && question.principal.session_name != caller.session) {
        add_entry(term,
                  {.op = {.compare = Compare::StringLike},
                   .key = "aws:userid",
                   .values = {concat("*:", caller.session)}});
      }
      all.push_back(std::move(term));
    }
  }
  absorb(all);
  return all.size() <= kMaxTerms ? std::optional(std::move(all)) : std::nullopt;
}

std::optional<std::string> condition_block(const FormulaTerm& term) {
  FormulaTerm joined;
  for (const FormulaEntry& entry : term) {
    const auto same = std::ranges::find_if(
        joined, [&entry](const FormulaEntry& other) { return can_be_joined(entry, other); });
    if (same == joined.end()) {
      joined.push_back(entry);
      continue;
    }
    same->values.insert(same->values.end(), entry.values.begin(), entry.values.end());
    std::ranges::sort(same->values);
    const auto [first, last] = std::ranges::unique(same->values);
    same->values.erase(first, last);
  }
  std::map<std::string, std::map<std::string, std::pair<std::string, const FormulaEntry*>>> block;
  for (const FormulaEntry& entry : joined) {
    const auto put = [&](const Operator& op) {
      return block[operator_name(op)]
          .emplace(to_lower(entry.key), std::pair(entry.key, &entry))
          .second;
    };
    // A second comparison of a key may stand under the name with IfExists: the first asks for the
    // key already.
    Operator second = entry.op;
    second.if_exists = true;
    const bool may_stand_twice = entry.op.quantifier == Quantifier::None && !entry.op.is_negated &&
                                 !entry.op.if_exists && entry.op.compare != Compare::Null;
    if (!put(entry.op) && !(may_stand_twice && put(second))) {
      return std::nullopt;
    }
  }
  std::string out = "{";
  for (const auto& [name, keys] : block) {
    out += out.size() > 1 ? "," : "";
    append_json_string(out, name);
    out += ":{";
    bool is_first = true;
    for (const auto& [folded, named] : keys) {
      out += is_first ? "" : ",";
      is_first = false;
      append_json_string(out, named.first);
      const std::vector<std::string>& values = named.second->values;
      out += values.size() == 1 ? ":" : ":[";
      for (std::size_t i = 0; i < values.size(); ++i) {
        out += i == 0 ? "" : ",";
        append_json_string(out, values[i]);
      }
      out += values.size() == 1 ? "" : "]";
    }
    out += '}';
  }
  return out + "}";
}

}  // namespace signet::policy::prove
