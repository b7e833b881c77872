#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "policy_prove/key_value.h"

// Looks for a request under which some statements apply and others do not.

namespace signet::policy::prove {

// A value for each dimension of a vocabulary.
using Model = std::vector<DimensionValue>;

using Domains = std::function<DimensionDomain(DimensionId)>;

struct Problem {
  Literals base;                                       // hold in any case
  std::vector<std::vector<const Literals*>> required;  // of each list one applies
  std::vector<const Literals*> forbidden;              // none applies
};

enum class SearchOutcome : std::uint8_t { Found, None, Unknown };

// Answers of find_dimension(), kept over problems that share a vocabulary and domains.
class DimensionCache {
 public:
  DimensionCache(const Vocabulary& vocabulary, Domains domains, Budget& budget)
      : vocabulary_(vocabulary), domains_(std::move(domains)), budget_(budget) {}

  [[nodiscard]] Budget& budget() { return budget_; }

  [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }

  // Sorts the literals. The answer lives as long as the cache; its bits are in the order of the
  // literals.
  const FoundDimension& find(DimensionId dimension, Literals& literals);

 private:
  struct Hash {
    std::size_t operator()(const Literals& literals) const;
  };

  const Vocabulary& vocabulary_;
  Domains domains_;
  Budget& budget_;
  std::map<DimensionId, DimensionDomain> known_domains_;
  std::map<DimensionId, std::unordered_map<Literals, FoundDimension, Hash>> answers_;
};

// Called with each request that is found; false: it will not do, look on.
using Accept = std::function<bool(const Model&)>;

// Guided by a model: the current best request is held against the statements; where it does what it
// must not, the search branches over the parts that could be otherwise. A contradiction names the
// decisions it rests on, so that others are not tried again in vain. None is a proof that no
// request over the domains does what the problem asks, whatever variables stand for. Unknown: a
// limit, a value that could not be decided, or requests that were not accepted.
[[nodiscard]] SearchOutcome search(DimensionCache& cache,
                                   const Problem& problem,
                                   const Accept& accept);

}  // namespace signet::policy::prove
