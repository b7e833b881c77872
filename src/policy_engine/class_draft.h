#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "policy_engine/index_parts.h"

// Resource patterns on their way into a class; private to this room.

namespace signet::policy {

struct ClassDraft {
  std::uint32_t row = 0;
  std::uint32_t member = 0;
  bool denies = false;  // the effect of its statement
  const ResourcePattern* pattern = nullptr;
  std::string_view head;    // the text before the sixth part; all of a short pattern
  std::string_view prefix;  // literal beginning of the sixth part
  std::string_view rest;    // End, Within: the text
  std::string_view tail;    // Glob: what must be equal for two patterns to match alike
  RestTest::Fit fit = RestTest::Fit::Glob;
  ClassGlob glob;
  std::uint32_t conditions = 0;  // how many
  Version version = Version::V2012;
};

// The head of a pattern; nothing where it cannot be compared like this: wildcards within parts,
// long parts, short patterns.
[[nodiscard]] std::optional<HeadPattern> head_of(const ResourcePattern& pattern);

// How a statement's resources are reached.
[[nodiscard]] ResourceRoute route_of(const CompiledPolicy& policy,
                                     const CompiledStatement& statement);

// The head of a pattern that has no HeadPattern.
[[nodiscard]] GeneralHead general_head_of(const IndexRows& index, const ClassDraft& draft);

class ClassDrafter {
 public:
  // The patterns of all rows whose resources are indexed, sorted by head, effect, prefix
  // and what follows. Patterns that match nothing are left out. Views live as long as the drafter
  // and the set's policies.
  [[nodiscard]] std::vector<ClassDraft> make(const IndexRows& index,
                                             const std::vector<std::uint32_t>& rows);

 private:
  void fill(const CompiledPolicy& policy, ClassDraft& draft);
  [[nodiscard]] std::string_view keep(std::string text);

  std::deque<std::string> texts_;
};

}  // namespace signet::policy
