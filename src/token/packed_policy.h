#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/caller.h"

namespace signet::token {

// Characters of inline policy and policy ARNs together that are always accepted (AssumeRole, policy
// parameter).
inline constexpr int kPlainPolicyLimit = 2048;

// PackedPolicySize of a call: how much of the allotted space policy, policy ARNs and session tags
// take once compressed, in per cent, rounded up; 0 when there are none. Over 100 the call answers
// PackedPolicyTooLarge. AWS does not publish its compression; ours is deflate against kPackedSpace
// bytes, which gives the recorded 16 for 160 characters (aws-wire 3.0). Policy and ARNs alone never
// pass 100 while they have at most kPlainPolicyLimit characters (aws-wire 4.26).
[[nodiscard]] int packed_policy_size(std::string_view policy,
                                     std::span<const std::string> policy_arns,
                                     std::span<const model::Tag> tags);

}  // namespace signet::token
