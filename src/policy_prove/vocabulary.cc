#include "policy_prove/vocabulary.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "facts/condition_keys.h"
#include "policy_engine/evaluate.h"

namespace signet::policy::prove {
namespace {

// A text that cannot run into the next: policies choose what stands in it.
void append_text(std::string_view text, std::string& name) {
  name += concat(std::to_string(text.size()), ":", text);
}

void append_sorted(std::vector<std::string> texts, std::string& name) {
  std::ranges::sort(texts);
  const auto rest = std::ranges::unique(texts);
  texts.erase(rest.begin(), rest.end());
  for (const std::string& text : texts) {
    append_text(text, name);
  }
}

// The pattern with each run of wildcards in one form, `?` before `*`. What stands in `${...}` is no
// wildcard, or stays as it is.
std::string with_plain_wildcards(std::string_view pattern) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t close =
        pattern.substr(at, 2) == "${" ? pattern.find('}', at) : std::string_view::npos;
    const std::size_t end = close == std::string_view::npos
                                ? std::min(pattern.size(), pattern.find_first_not_of("*?", at))
                                : close + 1;
    if (close != std::string_view::npos || end == at) {
      out += pattern.substr(at, std::max(end - at, std::size_t{1}));
      at = std::max(end, at + 1);
      continue;
    }
    const std::string_view run = pattern.substr(at, end - at);
    out.append(static_cast<std::size_t>(std::ranges::count(run, '?')), '?');
    out += run.find('*') == std::string_view::npos ? "" : "*";
    at = end;
  }
  return out;
}

// How operands tell predicates apart.
std::vector<std::string> texts_of(const CompiledPolicy& policy, const Condition& condition) {
  const bool has_wildcards =
      condition.op.compare == Compare::StringLike || condition.op.compare == Compare::ArnLike;
  std::vector<std::string> texts;
  for (const Operand& operand : CompiledPolicy::slice(policy.operands, condition.operands)) {
    texts.push_back(has_wildcards ? with_plain_wildcards(operand.text) : std::string(operand.text));
  }
  return texts;
}

bool reads_variables(const CompiledPolicy& policy) {
  return policy.document->version() == Version::V2012;
}

// A key that some requests give several values and others one.
bool is_of_either_shape(const KeyRef& key) {
  return key.kind == KeyRef::Kind::Other;
}

void collect(const CompiledPolicy& policy,
             const Pattern& pattern,
             std::vector<const Variable*>& out) {
  for (const Token& token : policy.store.of(pattern)) {
    if (token.kind == Token::Kind::Variable) {
      out.push_back(&policy.store.variables[token.variable]);
    }
  }
}

}  // namespace

std::string spelled_name(const KeyRef& key) {
  switch (key.kind) {
    case KeyRef::Kind::Fixed:
      return std::string(facts::condition_key(static_cast<KeyId>(key.id)).name);
    case KeyRef::Kind::Tag:
      return concat(facts::condition_key(static_cast<TagFamily>(key.id)).name, key.rest);
    case KeyRef::Kind::Other:
      break;
  }
  return std::string(key.rest);
}

std::string folded_name(const KeyRef& key) {
  return to_lower(spelled_name(key));
}

void collect_variables(const CompiledPolicy& policy,
                       const CompiledStatement& statement,
                       std::vector<const Variable*>& out) {
  for (const ResourcePattern& pattern :
       CompiledPolicy::slice(policy.resources, statement.resources)) {
    collect(policy, pattern.tail, out);
  }
  for (const Condition& condition :
       CompiledPolicy::slice(policy.conditions, statement.conditions)) {
    for (const Operand& operand : CompiledPolicy::slice(policy.operands, condition.operands)) {
      collect(policy, operand.pattern, out);
      if (condition.op.compare == Compare::ArnLike && operand.extra != Operand::kUnreadable) {
        for (const Pattern& part : policy.arns[operand.extra]) {
          collect(policy, part, out);
        }
      }
    }
  }
}

Vocabulary::Vocabulary(Bindings bindings) : bindings_(std::move(bindings)) {
  dimensions_.push_back({.key = {}, .name = "Resource"});
}

PredicateId Vocabulary::intern(std::string name, Predicate predicate) {
  const auto [it, is_new] = names_.emplace(std::move(name), predicates_.size());
  if (is_new) {
    has_variables_ = has_variables_ || predicate.test.has_variables;
    predicates_.push_back(std::move(predicate));
  }
  return it->second;
}

DimensionId Vocabulary::dimension_of(const KeyRef& key, std::string_view written) {
  const auto [it, is_new] = keys_.emplace(folded_name(key), dimensions_.size());
  if (is_new) {
    dimensions_.push_back({.key = key, .name = std::string(written)});
  }
  return it->second;
}

PredicateId Vocabulary::resource_in(std::string_view name, Language language) {
  Predicate predicate;
  predicate.shown = std::string(name);
  predicate.test.compare = Compare::ArnLike;
  predicate.test.possible = language;
  predicate.test.certain = std::move(language);
  return intern(concat("A", name), std::move(predicate));
}

void Vocabulary::add_resource(const CompiledPolicy& policy,
                              const ResourcePattern& pattern,
                              Comparison& test) {
  Glob head;
  for (const std::string_view part : pattern.heads) {
    const Glob glob = make_glob(part, true);
    head.tokens.insert(head.tokens.end(), glob.tokens.begin(), glob.tokens.end());
    head.add_text(":");
  }
  for (const bool is_certain : {true, false}) {
    const auto tail =
        glob_of(policy, pattern.tail, bindings_, is_certain, false, test.has_variables);
    if (tail) {
      Glob whole = head;
      whole.tokens.insert(whole.tokens.end(), tail->tokens.begin(), tail->tokens.end());
      (is_certain ? test.certain : test.possible).globs.push_back(std::move(whole));
    }
  }
}

// Resource or NotResource where the request names an ARN and no pattern is "*".
std::optional<Literal> Vocabulary::resource_literal(const CompiledPolicy& policy,
                                                    const CompiledStatement& statement,
                                                    SetKind kind) {
  std::vector<std::string> texts;
  Predicate predicate;
  predicate.test.compare = Compare::ArnLike;
  for (const ResourcePattern& pattern :
       CompiledPolicy::slice(policy.resources, statement.resources)) {
    if (!is_refused_short(pattern, kind)) {
      texts.push_back(with_plain_wildcards(pattern.text));
    }
  }
  if (texts.empty()) {
    return std::nullopt;
  }
  std::string name = reads_variables(policy) ? "R2012" : "R2008";
  append_sorted(texts, name);
  if (const auto known = names_.find(name); known != names_.end()) {
    return Literal{.predicate = known->second, .is_true = !statement.is_not_resource};
  }
  for (const ResourcePattern& pattern :
       CompiledPolicy::slice(policy.resources, statement.resources)) {
    if (!is_refused_short(pattern, kind)) {
      add_resource(policy, pattern, predicate.test);
      predicate.shown += concat(predicate.shown.empty() ? "" : ", ", pattern.text);
    }
  }
  return Literal{.predicate = intern(std::move(name), std::move(predicate)),
                 .is_true = !statement.is_not_resource};
}

std::optional<Literals> Vocabulary::literals_of(const CompiledPolicy& policy,
                                                const CompiledStatement& statement,
                                                SetKind kind,
                                                bool is_arn) {
  Literals literals;
  if (statement.has_resource) {
    const auto patterns = CompiledPolicy::slice(policy.resources, statement.resources);
    const bool has_all = std::ranges::any_of(patterns, [](const ResourcePattern& pattern) {
      return pattern.kind == ResourcePattern::Kind::All;
    });
    const auto literal =
        has_all || !is_arn ? std::nullopt : resource_literal(policy, statement, kind);
    if (!literal && has_all == statement.is_not_resource) {
      return std::nullopt;
    }
    if (literal) {
      literals.push_back(*literal);
    }
  }
  for (const Condition& condition :
       CompiledPolicy::slice(policy.conditions, statement.conditions)) {
    const auto more = literals_of(policy, condition);
    if (!more) {
      return std::nullopt;
    }
    literals.insert(literals.end(), more->begin(), more->end());
  }
  std::ranges::sort(literals);
  const auto rest = std::ranges::unique(literals);
  literals.erase(rest.begin(), rest.end());
  for (std::size_t i = 0; i + 1 < literals.size(); ++i) {
    if (literals[i].predicate == literals[i + 1].predicate) {
      return std::nullopt;  // a predicate and its opposite
    }
  }
  return literals;
}

namespace {

// Null: which presences it takes.
struct NullTakes {
  bool absent = false;
  bool present = false;
};

NullTakes null_takes(const CompiledPolicy& policy, const Condition& condition) {
  if (condition.op.quantifier != Quantifier::None) {
    const bool is_always = condition.op.quantifier == Quantifier::ForAllValues;  // R-3.14
    return {.absent = is_always, .present = is_always};
  }
  NullTakes takes;
  for (const Operand& operand : CompiledPolicy::slice(policy.operands, condition.operands)) {
    takes.absent = takes.absent || operand.boolean == true;
    takes.present = takes.present || operand.boolean == false;
  }
  return takes;
}

bool truth_when_absent(const Operator& op) {
  switch (op.quantifier) {
    case Quantifier::None:
      return op.is_negated || op.if_exists;
    case Quantifier::ForAllValues:
      return true;
    case Quantifier::ForAnyValue:
      break;
  }
  return op.if_exists;
}

}  // namespace

std::optional<Literals> Vocabulary::literals_of(const CompiledPolicy& policy,
                                                const Condition& condition) {
  const DimensionId dimension = dimension_of(condition.key, condition.key_text);
  const std::string key = folded_name(condition.key);
  const auto absence = [&](bool is_absent) {
    Predicate predicate;
    predicate.dimension = dimension;
    predicate.is_absence = true;
    predicate.when_absent = true;
    predicate.shown = concat(condition.key_text, " is absent");
    return Literals{
        Literal{.predicate = intern(concat("N", key), std::move(predicate)), .is_true = is_absent}};
  };
  if (condition.op.compare == Compare::Null) {
    const NullTakes takes = null_takes(policy, condition);
    if (takes.absent == takes.present) {
      return takes.absent ? std::optional(Literals()) : std::nullopt;
    }
    return absence(takes.absent);
  }
  const bool when_absent = truth_when_absent(condition.op);
  if (condition.op.quantifier == Quantifier::None && condition.key.is_list) {
    return when_absent ? std::optional(absence(true)) : std::nullopt;  // R-3.10
  }
  Predicate predicate;
  predicate.dimension = dimension;
  predicate.quantifier = condition.op.quantifier;
  predicate.is_negated = condition.op.is_negated;
  predicate.when_absent = when_absent;
  bool is_true = true;
  const bool is_opposite = predicate.is_negated && predicate.quantifier == Quantifier::None &&
                           !is_of_either_shape(condition.key);
  if (is_opposite) {
    predicate.is_negated = false;
    predicate.when_absent = false;
    is_true = false;
  }
  std::string name = concat("C",
                            std::to_string(static_cast<int>(condition.op.compare)),
                            predicate.is_negated ? "n" : "p",
                            predicate.when_absent ? "a" : "-",
                            std::to_string(static_cast<int>(predicate.quantifier)),
                            reads_variables(policy) ? "v" : "l");
  append_text(key, name);
  for (const Operand& operand : CompiledPolicy::slice(policy.operands, condition.operands)) {
    predicate.shown += concat(predicate.shown.empty() ? "" : ", ", operand.text);
  }
  append_sorted(texts_of(policy, condition), name);
  if (const auto known = names_.find(name); known != names_.end()) {
    return Literals{Literal{.predicate = known->second, .is_true = is_true}};
  }
  predicate.shown = concat(condition.operator_text, " ", condition.key_text, " ", predicate.shown);
  predicate.test = make_comparison(policy, condition, bindings_);
  return Literals{
      Literal{.predicate = intern(std::move(name), std::move(predicate)), .is_true = is_true}};
}

PredicateId Vocabulary::any_value_among(const CompiledPolicy& policy, const Condition& condition) {
  Predicate predicate;
  predicate.dimension = dimension_of(condition.key, condition.key_text);
  predicate.quantifier = Quantifier::ForAnyValue;
  predicate.test = make_comparison(policy, condition, bindings_);
  std::string name = concat("M",
                            std::to_string(static_cast<int>(condition.op.compare)),
                            reads_variables(policy) ? "v" : "l");
  append_text(folded_name(condition.key), name);
  append_sorted(texts_of(policy, condition), name);
  return intern(std::move(name), std::move(predicate));
}

}  // namespace signet::policy::prove
