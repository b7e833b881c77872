#include "policy_prove/limiting.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/strings.h"

namespace signet::policy::prove {
namespace {

constexpr auto kLimiting = std::to_array<std::string_view>({
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpcsourceip",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "sts:externalid",
});

// Ranges broader than a large organization's are as good as everybody.
bool is_narrow(const IpBlock& block) {
  constexpr std::uint8_t kShortestV4 = 8;
  constexpr std::uint8_t kShortestV6 = 32;
  return block.prefix >= (block.base.is_v6 ? kShortestV6 : kShortestV4);
}

bool is_fixed(const CompiledPolicy& policy, const Condition& condition, const Operand& operand) {
  if (condition.op.compare == Compare::IpAddress) {
    return operand.extra == Operand::kUnreadable || is_narrow(policy.blocks[operand.extra]);
  }
  const bool has_wildcards =
      condition.op.compare == Compare::StringLike || condition.op.compare == Compare::ArnLike;
  return operand.text.find("${") == std::string_view::npos &&
         !(has_wildcards && operand.text.find_first_of("*?") != std::string_view::npos);
}

}  // namespace

void add_limiting(const AccessStatement& statement, Vocabulary& vocabulary, Literals& out) {
  const CompiledPolicy& policy = *member_of(statement).policy;
  for (const Condition& condition :
       CompiledPolicy::slice(policy.conditions, compiled_of(statement).conditions)) {
    const auto operands = CompiledPolicy::slice(policy.operands, condition.operands);
    const bool is_text = is_string_compare(condition.op.compare) ||
                         condition.op.compare == Compare::ArnLike ||
                         condition.op.compare == Compare::IpAddress;
    const bool is_limiting =
        is_text && std::ranges::find(kLimiting, folded_name(condition.key)) != kLimiting.end() &&
        std::ranges::all_of(
            operands, [&](const Operand& operand) { return is_fixed(policy, condition, operand); });
    if (is_limiting) {
      out.push_back({.predicate = vocabulary.any_value_among(policy, condition), .is_true = false});
    }
  }
}

}  // namespace signet::policy::prove
