#include "policy_prove/lexicon.h"

namespace signet::policy::prove {

const Literals* Lexicon::literals_of(const AccessStatement& statement, bool is_arn) {
  const CompiledStatement& compiled = compiled_of(statement);
  const SetKind kind = statement.set->kind();
  const int form = static_cast<int>(kind) * 2 + (is_arn ? 1 : 0);
  const auto [it, is_new] = known_.emplace(Key(&compiled, form), nullptr);
  if (is_new) {
    auto literals = vocabulary_.literals_of(*member_of(statement).policy, compiled, kind, is_arn);
    if (literals) {
      it->second = &*lists_.insert(*std::move(literals)).first;
    }
  }
  return it->second;
}

}  // namespace signet::policy::prove
