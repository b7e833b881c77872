#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/caller.h"

namespace signet::token {

// Characters of inline policy and policy ARNs together that are always accepted (AssumeRole, policy
// parameter).
inline constexpr int kPlainPolicyLimit = 2048;

// What inline policy and policy ARNs take of the space that a call allots, compressed, in per cent,
// rounded up; 0 when there are none. Never over 100 while they have at most kPlainPolicyLimit
// characters (aws-wire 4.26).
// AWS-DIFF: PackedPolicySize counts differently: AWS does not publish its compression, Signet's is
// deflate, against a space that gives the recorded 16 for 160 characters (aws-wire 3.0,
// token_test.cc).
[[nodiscard]] int packed_policy_size(std::string_view policy,
                                     std::span<const std::string> policy_arns);

// The same for session tags, inherited ones included. Their text is not compressed: nine tags of
// 2,268 characters in all, each value one letter repeated, take 498 per cent on AWS (recorded,
// configure-aws-credentials 1898).
[[nodiscard]] int packed_tags_size(std::span<const model::Tag> tags);

}  // namespace signet::token
