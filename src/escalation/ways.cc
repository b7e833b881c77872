#include "escalation/ways.h"

#include <algorithm>

#include "base/strings.h"

namespace signet::escalation {

Condition::Kind kind_of(const Way& way) {
  Condition::Kind kind = Condition::Kind::Always;
  for (const Call& call : way.calls) {
    kind = std::max(kind, call.condition.kind);
  }
  return kind;
}

bool needs_mfa(const Way& way) {
  constexpr std::string_view kMfa = R"("bool":{"aws:multifactorauthpresent":"true")";
  return std::ranges::any_of(way.calls, [kMfa](const Call& call) {
    const std::vector<std::string>& formula = call.condition.formula;
    return call.condition.kind == Condition::Kind::If && !formula.empty() &&
           std::ranges::all_of(formula, [kMfa](const std::string& block) {
             return to_lower(block).find(kMfa) != std::string::npos;
           });
  });
}

}  // namespace signet::escalation
