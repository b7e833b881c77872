#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy_prove/text_value.h"
#include "policy_prove/vocabulary.h"

// What a request can say about one dimension, and values of it under which some predicates are true
// and others false.

namespace signet::policy::prove {

// What a request says about the resource or a key.
struct DimensionValue {
  enum class Kind : std::uint8_t { Absent, Single, List };
  Kind kind = Kind::Absent;
  std::vector<std::string> texts;  // one for Single, at least one for List
};

// What well-formed requests of a caller can say about it.
struct DimensionDomain {
  bool may_be_absent = true;
  bool may_be_single = true;
  bool may_be_list = false;
  TextDomain text;
  std::optional<DimensionValue> fixed;  // this alone, whatever the other members say
};

// A value is one of the domain.
[[nodiscard]] bool is_of_domain(const DimensionDomain& domain, const DimensionValue& value);

// The truth of a predicate; nothing where it depends on a variable.
[[nodiscard]] std::optional<bool> truth_of(const Predicate& predicate, const DimensionValue& value);

struct FoundDimension {
  FoundValue::Outcome outcome = FoundValue::Outcome::None;
  DimensionValue value;         // Found
  std::vector<bool> is_needed;  // None: the literals that contradict, a bit each
};

// A value under which all literals hold. All are of one dimension. None is a proof.
[[nodiscard]] FoundDimension find_dimension(const Vocabulary& vocabulary,
                                            const DimensionDomain& domain,
                                            std::span<const Literal> literals,
                                            Budget& budget);

}  // namespace signet::policy::prove
