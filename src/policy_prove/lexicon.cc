#include "policy_prove/lexicon.h"

namespace signet::policy::prove {

const Literals* Lexicon::literals_of(const AccessStatement& statement, bool is_arn) {
  const std::size_t place = 2 * std::size_t{statement.id} + (is_arn ? 1 : 0);
  if (place >= known_.size()) {
    known_.resize(place + 1);
  }
  if (!known_[place].is_known) {
    auto literals = vocabulary_.literals_of(
        *member_of(statement).policy, compiled_of(statement), statement.set->kind(), is_arn);
    known_[place] = {.is_known = true,
                     .literals = literals ? &*lists_.insert(*std::move(literals)).first : nullptr};
  }
  return known_[place].literals;
}

}  // namespace signet::policy::prove
