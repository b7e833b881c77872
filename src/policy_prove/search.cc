#include "policy_prove/search.h"

#include <algorithm>
#include <optional>

namespace signet::policy::prove {
namespace {

// Decisions that something rests on, a bit each.
using Levels = std::uint64_t;
constexpr int kMaxLevel = 62;

constexpr Levels bit(int level) {
  return Levels{1} << static_cast<unsigned>(level);
}

// In units of Budget.
constexpr std::uint64_t kStepCost = 1'000;
constexpr std::uint64_t kStatementCost = 20;
constexpr std::uint64_t kComparisonCost = 300;

// How a branch of the search ended.
struct Ended {
  bool is_over = false;  // found, or given up
  Levels conflict = 0;   // the decisions that contradict each other
};

class Searcher {
 public:
  Searcher(DimensionCache& cache, const Problem& problem, const Accept& accept)
      : cache_(cache),
        vocabulary_(cache.vocabulary()),
        problem_(problem),
        accept_(accept),
        states_(vocabulary_.size()),
        dimensions_(vocabulary_.dimensions().size()) {}

  SearchOutcome run() {
    for (const Literal& literal : problem_.base) {
      if (is_false(literal)) {
        return SearchOutcome::None;
      }
      assume(literal, 0);
    }
    const Ended ended = descend(1);
    if (is_found_) {
      return SearchOutcome::Found;
    }
    return ended.is_over || has_doubt_ ? SearchOutcome::Unknown : SearchOutcome::None;
  }

 private:
  enum class Truth : std::int8_t { False = -1, Open = 0, True = 1 };

  // What is decided about a predicate, and what the current model says.
  struct State {
    Truth decided = Truth::Open;
    Levels reasons = 0;
    const FoundDimension* seen_for = nullptr;  // the value that it was held against last
    std::optional<bool> seen;
  };

  struct DimensionState {
    Literals decided;
    bool is_stale = true;
    const FoundDimension* found = nullptr;
  };

  [[nodiscard]] const State& state(const Literal& literal) const {
    return states_[literal.predicate];
  }

  [[nodiscard]] bool is_true(const Literal& literal) const {
    return state(literal).decided == (literal.is_true ? Truth::True : Truth::False);
  }

  [[nodiscard]] bool is_false(const Literal& literal) const {
    return state(literal).decided == (literal.is_true ? Truth::False : Truth::True);
  }

  [[nodiscard]] bool is_open(const Literal& literal) const {
    return state(literal).decided == Truth::Open;
  }

  // An open literal becomes true.
  void assume(const Literal& literal, Levels reasons) {
    if (!is_open(literal)) {
      return;
    }
    State& state = states_[literal.predicate];
    state.decided = literal.is_true ? Truth::True : Truth::False;
    state.reasons = reasons;
    trail_.push_back(literal);
    DimensionState& dimension = dimensions_[vocabulary_.predicate(literal.predicate).dimension];
    dimension.decided.push_back(literal);
    dimension.is_stale = true;
  }

  void undo(std::size_t size) {
    while (trail_.size() > size) {
      const Literal literal = trail_.back();
      trail_.pop_back();
      states_[literal.predicate].decided = Truth::Open;
      DimensionState& dimension = dimensions_[vocabulary_.predicate(literal.predicate).dimension];
      dimension.decided.pop_back();
      dimension.is_stale = true;
    }
  }

  // What the decisions alone imply. Nothing: no contradiction.
  std::optional<Levels> propagate() {
    bool is_changed = true;
    while (is_changed) {
      is_changed = false;
      for (const Literals* statement : problem_.forbidden) {
        const Literal* open = nullptr;
        std::size_t open_count = 0;
        Levels reasons = 0;
        bool is_avoided = false;
        for (const Literal& literal : *statement) {
          if (is_false(literal)) {
            is_avoided = true;
            break;
          }
          if (is_open(literal)) {
            open = &literal;
            if (++open_count > 1) {
              break;
            }
          } else {
            reasons |= state(literal).reasons;
          }
        }
        if (is_avoided || open_count > 1) {
          continue;
        }
        if (open == nullptr) {
          return reasons;
        }
        assume({.predicate = open->predicate, .is_true = !open->is_true}, reasons);
        is_changed = true;
      }
    }
    return std::nullopt;
  }

  // Gives every dimension a value again. Nothing: no contradiction.
  std::optional<Levels> find_values() {
    for (DimensionId id = 0; id < dimensions_.size(); ++id) {
      DimensionState& dimension = dimensions_[id];
      if (!dimension.is_stale) {
        continue;
      }
      Literals literals = dimension.decided;
      const FoundDimension& found = cache_.find(id, literals);
      if (found.outcome == FoundValue::Outcome::None) {
        Levels reasons = 0;
        for (std::size_t i = 0; i < literals.size(); ++i) {
          reasons |= found.is_needed[i] ? state(literals[i]).reasons : 0;
        }
        return reasons;
      }
      if (found.outcome == FoundValue::Outcome::Unknown) {
        has_doubt_ = true;
        return all_levels();
      }
      dimension.found = &found;
      dimension.is_stale = false;
    }
    return std::nullopt;
  }

  static Levels all_levels() { return ~Levels{0}; }

  // What the model says of a literal; nothing where it depends on a variable.
  std::optional<bool> holds(const Literal& literal) {
    State& state = states_[literal.predicate];
    if (state.decided != Truth::Open) {
      return (state.decided == Truth::True) == literal.is_true;
    }
    const Predicate& predicate = vocabulary_.predicate(literal.predicate);
    const DimensionState& dimension = dimensions_[predicate.dimension];
    if (state.seen_for != dimension.found) {
      state.seen_for = dimension.found;
      cache_.budget().spend(kComparisonCost);
      state.seen = truth_of(predicate, dimension.found->value);
    }
    return state.seen ? std::optional(*state.seen == literal.is_true) : std::nullopt;
  }

  bool can_apply(const Literals& statement) {
    return std::ranges::all_of(
        statement, [this](const Literal& literal) { return holds(literal).value_or(true); });
  }

  bool applies(const Literals& statement) {
    return std::ranges::all_of(
        statement, [this](const Literal& literal) { return holds(literal).value_or(false); });
  }

  // The shortest list of which nothing applies yet; null: there is none.
  const std::vector<const Literals*>* unmet() {
    const std::vector<const Literals*>* worst = nullptr;
    for (const auto& list : problem_.required) {
      const bool is_met = std::ranges::any_of(
          list, [this](const Literals* statement) { return can_apply(*statement); });
      if (!is_met && (worst == nullptr || list.size() < worst->size())) {
        worst = &list;
      }
    }
    return worst;
  }

  // A forbidden statement that applies, with the fewest ways out; null: there is none.
  const Literals* violated() {
    const Literals* best = nullptr;
    std::size_t fewest = 0;
    for (const Literals* statement : problem_.forbidden) {
      if (!applies(*statement)) {
        continue;
      }
      const auto open = static_cast<std::size_t>(std::ranges::count_if(
          *statement, [this](const Literal& literal) { return is_open(literal); }));
      if (best == nullptr || open < fewest) {
        best = statement;
        fewest = open;
      }
    }
    return best;
  }

  Ended descend(int level) {
    const std::uint64_t step = kStepCost + kStatementCost * problem_.forbidden.size();
    if (level >= kMaxLevel || !cache_.budget().spend(step)) {
      return {.is_over = true, .conflict = 0};
    }
    if (const auto conflict = propagate()) {
      return {.is_over = false, .conflict = *conflict};
    }
    if (const auto conflict = find_values()) {
      return {.is_over = false, .conflict = *conflict};
    }
    if (const auto* list = unmet()) {
      return require(*list, level);
    }
    if (const Literals* statement = violated()) {
      return avoid(*statement, level);
    }
    return offer();
  }

  // The model is a request as the problem asks for it, as far as is known.
  Ended offer() {
    Model model;
    for (const DimensionState& dimension : dimensions_) {
      model.push_back(dimension.found->value);
    }
    is_found_ = accept_(model);
    if (is_found_) {
      return {.is_over = true, .conflict = 0};
    }
    constexpr int kMaxOffers = 6;
    has_doubt_ = true;
    return {.is_over = ++offers_ >= kMaxOffers, .conflict = all_levels()};
  }

  Ended require(const std::vector<const Literals*>& list, int level) {
    Levels conflict = 0;
    for (const Literals* statement : list) {
      const auto refuted = std::ranges::find_if(
          *statement, [this](const Literal& literal) { return is_false(literal); });
      if (refuted != statement->end()) {
        conflict |= state(*refuted).reasons;
        continue;
      }
      const std::size_t size = trail_.size();
      for (const Literal& literal : *statement) {
        assume(literal, bit(level));
      }
      const Ended ended = descend(level + 1);
      undo(size);
      if (ended.is_over || (ended.conflict & bit(level)) == 0) {
        return ended;
      }
      conflict |= ended.conflict;
    }
    return {.is_over = false, .conflict = conflict & ~bit(level)};
  }

  Ended avoid(const Literals& statement, int level) {
    Levels conflict = 0;
    const std::size_t size = trail_.size();
    for (const Literal& literal : statement) {
      if (!is_open(literal)) {
        conflict |= state(literal).reasons;
        continue;
      }
      const std::size_t before = trail_.size();
      assume({.predicate = literal.predicate, .is_true = !literal.is_true}, bit(level));
      const Ended ended = descend(level + 1);
      undo(before);
      if (ended.is_over || (ended.conflict & bit(level)) == 0) {
        undo(size);
        return ended;
      }
      conflict |= ended.conflict;
      assume(literal, bit(level));  // the branches have no request in common
    }
    undo(size);
    return {.is_over = false, .conflict = conflict & ~bit(level)};
  }

  DimensionCache& cache_;
  const Vocabulary& vocabulary_;
  const Problem& problem_;
  const Accept& accept_;
  std::vector<State> states_;
  std::vector<DimensionState> dimensions_;
  Literals trail_;
  int offers_ = 0;
  bool is_found_ = false;
  bool has_doubt_ = false;
};

}  // namespace

std::size_t DimensionCache::Hash::operator()(const Literals& literals) const {
  std::uint64_t hash = 0x9E37'79B9'7F4A'7C15;
  for (const Literal& literal : literals) {
    hash = (hash ^ (std::uint64_t{literal.predicate} * 2 + (literal.is_true ? 1 : 0))) *
           0x0000'0100'0000'01B3;
    hash ^= hash >> 29U;
  }
  return hash;
}

const FoundDimension& DimensionCache::find(DimensionId dimension, Literals& literals) {
  std::ranges::sort(literals);
  auto& answers = answers_[dimension];
  if (const auto known = answers.find(literals); known != answers.end()) {
    return known->second;
  }
  auto domain = known_domains_.find(dimension);
  if (domain == known_domains_.end()) {
    domain = known_domains_.emplace(dimension, domains_(dimension)).first;
  }
  return answers.emplace(literals, find_dimension(vocabulary_, domain->second, literals, budget_))
      .first->second;
}

SearchOutcome search(DimensionCache& cache, const Problem& problem, const Accept& accept) {
  return Searcher(cache, problem, accept).run();
}

}  // namespace signet::policy::prove
