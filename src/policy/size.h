#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet::policy {

// Characters (code points) of a document without the white space outside strings: what IAM's quotas
// count (R-1.13, aws-wire 4.26). Works on any text; what is not JSON is counted all the same.
[[nodiscard]] std::size_t counted_characters(std::string_view text);

// Bytes of a document, white space included: what the limits of bucket policies, SCPs and RCPs
// count.
[[nodiscard]] std::size_t counted_bytes(std::string_view text);

// Quotas of policy-semantics.
inline constexpr std::size_t kManagedPolicyMax = 6'144;
inline constexpr std::size_t kUserInlineMax = 2'048;
inline constexpr std::size_t kGroupInlineMax = 5'120;
inline constexpr std::size_t kRoleInlineMax = 10'240;
inline constexpr std::size_t kTrustPolicyMax = 2'048;
inline constexpr std::size_t kSessionPolicyMax = 2'048;
inline constexpr std::size_t kBucketPolicyMaxBytes = 20'480;
inline constexpr std::size_t kGuardPolicyMaxBytes = 5'120;

}  // namespace signet::policy
