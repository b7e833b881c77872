#include "policy_prove/key_value.h"

#include <algorithm>
#include <utility>

namespace signet::policy::prove {
namespace {

using Outcome = FoundValue::Outcome;

// One text passes what a predicate asks of each value, its sign included.
std::optional<bool> is_met(const Predicate& predicate, std::string_view text) {
  const auto passed = passes(predicate.test, text);
  return passed ? std::optional(*passed != predicate.is_negated) : std::nullopt;
}

// One search of find_dimension().
class DimensionSearch {
 public:
  DimensionSearch(const Vocabulary& vocabulary,
                  const DimensionDomain& domain,
                  std::span<const Literal> literals,
                  Budget& budget)
      : vocabulary_(vocabulary),
        domain_(domain),
        literals_(literals),
        budget_(budget),
        needed_(literals.size(), false) {}

  FoundDimension run() {
    if (domain_.fixed) {
      return fixed();
    }
    if (domain_.may_be_absent && absent()) {
      return found({.kind = DimensionValue::Kind::Absent, .texts = {}});
    }
    if (domain_.may_be_single || domain_.may_be_list) {
      FoundDimension present = domain_.may_be_single ? single() : FoundDimension();
      if (present.outcome != Outcome::Found && domain_.may_be_list) {
        const bool is_open = present.outcome == Outcome::Unknown;
        present = list();
        present.outcome =
            is_open && present.outcome == Outcome::None ? Outcome::Unknown : present.outcome;
      }
      if (present.outcome != Outcome::None) {
        return present;
      }
    }
    return {.outcome = Outcome::None, .value = {}, .is_needed = std::move(needed_)};
  }

 private:
  static FoundDimension found(DimensionValue value) {
    return {.outcome = Outcome::Found, .value = std::move(value), .is_needed = {}};
  }

  FoundDimension fixed() {
    for (std::size_t i = 0; i < literals_.size(); ++i) {
      if (truth_of(predicate(i), *domain_.fixed).value_or(literals_[i].is_true) !=
          literals_[i].is_true) {
        needed_[i] = true;
        return {.outcome = Outcome::None, .value = {}, .is_needed = std::move(needed_)};
      }
    }
    return found(*domain_.fixed);
  }

  [[nodiscard]] const Predicate& predicate(std::size_t i) const {
    return vocabulary_.predicate(literals_[i].predicate);
  }

  // The literals can hold without the key; otherwise notes one that cannot.
  bool absent() {
    for (std::size_t i = 0; i < literals_.size(); ++i) {
      if (predicate(i).when_absent != literals_[i].is_true) {
        needed_[i] = true;
        return false;
      }
    }
    return true;
  }

  // A literal that no value at all satisfies: absence.
  bool present_is_refused() {
    for (std::size_t i = 0; i < literals_.size(); ++i) {
      if (predicate(i).is_absence && literals_[i].is_true) {
        needed_[i] = true;
        return true;
      }
    }
    return false;
  }

  FoundDimension single() {
    if (present_is_refused()) {
      return {};
    }
    std::vector<TextWish> wishes;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < literals_.size(); ++i) {
      if (!predicate(i).is_absence) {
        wishes.push_back({.test = &predicate(i).test,
                          .is_passed = literals_[i].is_true != predicate(i).is_negated});
        owners.push_back(i);
      }
    }
    FoundValue value = find_value(domain_.text, wishes, budget_);
    if (value.outcome == Outcome::Found) {
      return found({.kind = DimensionValue::Kind::Single, .texts = {std::move(value.text)}});
    }
    for (std::size_t w = 0; w < owners.size() && w < value.is_needed.size(); ++w) {
      needed_[owners[w]] = needed_[owners[w]] || value.is_needed[w];
    }
    return {.outcome = value.outcome, .value = {}, .is_needed = {}};
  }

  // Every value has to meet the universal wishes, and each existential wish needs a value of its
  // own.
  FoundDimension list() {
    if (present_is_refused()) {
      return {};
    }
    std::vector<TextWish> universal;
    std::vector<TextWish> existential;
    for (std::size_t i = 0; i < literals_.size(); ++i) {
      const Predicate& asked = predicate(i);
      if (asked.is_absence) {
        continue;
      }
      if (asked.quantifier == Quantifier::None) {
        if (literals_[i].is_true) {  // an operator without quantifier is false of a list
          needed_[i] = true;
          return {};
        }
        continue;
      }
      const bool is_all = asked.quantifier == Quantifier::ForAllValues;
      const TextWish wish{.test = &asked.test,
                          .is_passed = literals_[i].is_true != asked.is_negated};
      (is_all == literals_[i].is_true ? universal : existential).push_back(wish);
    }
    needed_.assign(needed_.size(), true);
    DimensionValue value{.kind = DimensionValue::Kind::List, .texts = {}};
    const std::size_t rounds = existential.empty() ? 1 : existential.size();
    for (std::size_t i = 0; i < rounds; ++i) {
      std::vector<TextWish> wishes = universal;
      if (!existential.empty()) {
        wishes.push_back(existential[i]);
      }
      FoundValue text = find_value(domain_.text, wishes, budget_);
      if (text.outcome != Outcome::Found) {
        return {.outcome = text.outcome, .value = {}, .is_needed = {}};
      }
      if (std::ranges::find(value.texts, text.text) == value.texts.end()) {
        value.texts.push_back(std::move(text.text));
      }
    }
    return found(std::move(value));
  }

  const Vocabulary& vocabulary_;
  const DimensionDomain& domain_;
  std::span<const Literal> literals_;
  Budget& budget_;
  std::vector<bool> needed_;
};

}  // namespace

bool is_of_domain(const DimensionDomain& domain, const DimensionValue& value) {
  if (domain.fixed) {
    return domain.fixed->kind == value.kind && domain.fixed->texts == value.texts;
  }
  switch (value.kind) {
    case DimensionValue::Kind::Absent:
      return domain.may_be_absent;
    case DimensionValue::Kind::Single:
      return domain.may_be_single && is_of_domain(domain.text, value.texts.front());
    case DimensionValue::Kind::List:
      break;
  }
  return domain.may_be_list && std::ranges::all_of(value.texts, [&](const std::string& text) {
           return is_of_domain(domain.text, text);
         });
}

std::optional<bool> truth_of(const Predicate& predicate, const DimensionValue& value) {
  if (value.kind == DimensionValue::Kind::Absent) {
    return predicate.when_absent;
  }
  if (predicate.is_absence) {
    return false;
  }
  if (value.kind == DimensionValue::Kind::Single) {
    return is_met(predicate, value.texts.front());
  }
  if (predicate.quantifier == Quantifier::None) {
    return false;
  }
  const bool is_all = predicate.quantifier == Quantifier::ForAllValues;
  bool is_open = false;
  for (const std::string& text : value.texts) {
    const auto met = is_met(predicate, text);
    if (!met) {
      is_open = true;
    } else if (*met != is_all) {
      return !is_all;
    }
  }
  return is_open ? std::nullopt : std::optional(is_all);
}

FoundDimension find_dimension(const Vocabulary& vocabulary,
                              const DimensionDomain& domain,
                              std::span<const Literal> literals,
                              Budget& budget) {
  return DimensionSearch(vocabulary, domain, literals, budget).run();
}

}  // namespace signet::policy::prove
