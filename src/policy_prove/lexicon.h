#pragma once

#include <set>
#include <span>
#include <utility>
#include <vector>

#include "policy_prove/access.h"
#include "policy_prove/vocabulary.h"

namespace signet::policy::prove {

// What statements ask of a request, in literals of one vocabulary. Equal lists are one object.
class Lexicon {
 public:
  explicit Lexicon(Bindings bindings) : vocabulary_(std::move(bindings)) {}

  [[nodiscard]] Vocabulary& vocabulary() { return vocabulary_; }

  // Null: the statement never applies to such a request. Lives as long as the lexicon. Statements
  // are told apart by their numbers.
  [[nodiscard]] const Literals* literals_of(const AccessStatement& statement, bool is_arn);

 private:
  struct Known {
    bool is_known = false;
    const Literals* literals = nullptr;
  };

  Vocabulary vocabulary_;
  std::set<Literals> lists_;
  std::vector<Known> known_;  // two a statement, by its number: of "*" and of ARNs
};

[[nodiscard]] inline const PolicyMember& member_of(const AccessStatement& statement) {
  return statement.set->members()[statement.member];
}

[[nodiscard]] inline const CompiledStatement& compiled_of(const AccessStatement& statement) {
  return member_of(statement).policy->statements[statement.statement];
}

}  // namespace signet::policy::prove
