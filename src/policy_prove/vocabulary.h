#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy_engine/compiled.h"
#include "policy_prove/comparison.h"

// The parts of statements as truths about single dimensions of a request: its resource, or one
// context key. Equal parts of many statements are one predicate.

namespace signet::policy::prove {

using PredicateId = std::uint32_t;
using DimensionId = std::uint32_t;
inline constexpr DimensionId kResource = 0;

// A predicate or its opposite.
struct Literal {
  PredicateId predicate = 0;
  bool is_true = true;

  auto operator<=>(const Literal&) const = default;
};

// Sorted, each once; all must hold.
using Literals = std::vector<Literal>;

struct Predicate {
  DimensionId dimension = kResource;
  // Of a key: what is asked of one text (of the resource too: a test of kind Text).
  Comparison test;
  Quantifier quantifier = Quantifier::None;
  bool is_negated = false;
  bool is_absence = false;   // the key is absent; nothing else is asked
  bool when_absent = false;  // its truth when the key is absent
  std::string shown;         // for people: operator, key and operands
};

// A context key that occurs.
struct Dimension {
  KeyRef key;
  std::string name;  // as it is written first
};

class Vocabulary {
 public:
  // `bindings`: what variables stand for.
  explicit Vocabulary(Bindings bindings);
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  // What has to hold for Resource and Condition of a statement to apply to a request of an ARN, or
  // of "*". Nothing: they never do.
  [[nodiscard]] std::optional<Literals> literals_of(const CompiledPolicy& policy,
                                                    const CompiledStatement& statement,
                                                    SetKind kind,
                                                    bool is_arn);

  // The resource is one of these ARNs.
  [[nodiscard]] PredicateId resource_in(std::string_view name, Language language);

  // The same of a condition alone. The outer nothing: it never holds; no literals: it always does.
  [[nodiscard]] std::optional<Literals> literals_of(const CompiledPolicy& policy,
                                                    const Condition& condition);

  // Some value of the condition's key is among its operands, whatever else the operator says.
  [[nodiscard]] PredicateId any_value_among(const CompiledPolicy& policy,
                                            const Condition& condition);

  [[nodiscard]] const Predicate& predicate(PredicateId id) const { return predicates_[id]; }

  [[nodiscard]] std::size_t size() const { return predicates_.size(); }

  // The first is the resource.
  [[nodiscard]] std::span<const Dimension> dimensions() const { return dimensions_; }

  // The dimension of a key, made where there is none yet.
  [[nodiscard]] DimensionId dimension_of(const KeyRef& key, std::string_view written);

  // Some predicate depends on a variable without a binding.
  [[nodiscard]] bool has_variables() const { return has_variables_; }

 private:
  PredicateId intern(std::string name, Predicate predicate);
  std::optional<Literal> resource_literal(const CompiledPolicy& policy,
                                          const CompiledStatement& statement,
                                          SetKind kind);
  void add_resource(const CompiledPolicy& policy, const ResourcePattern& pattern, Comparison& test);

  Bindings bindings_;
  std::vector<Predicate> predicates_;
  std::vector<Dimension> dimensions_;
  std::unordered_map<std::string, PredicateId> names_;
  std::unordered_map<std::string, DimensionId> keys_;
  bool has_variables_ = false;
};

// The key's name in lower case: the same for all spellings.
[[nodiscard]] std::string folded_name(const KeyRef& key);
// As AWS spells it, the part behind a tag family as written.
[[nodiscard]] std::string spelled_name(const KeyRef& key);

// The variables of all patterns of a statement.
void collect_variables(const CompiledPolicy& policy,
                       const CompiledStatement& statement,
                       std::vector<const Variable*>& out);

}  // namespace signet::policy::prove
