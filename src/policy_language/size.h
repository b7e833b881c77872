#pragma once

#include <cstddef>
#include <string_view>

#include "facts/quotas.h"

namespace signet::policy {

// Characters (code points) of a document without the white space outside strings: what IAM's quotas
// count (R-1.13, aws-wire 4.26). Works on any text; what is not JSON is counted all the same.
[[nodiscard]] std::size_t counted_characters(std::string_view text);

// Bytes of a document, white space included: what the limits of bucket policies, SCPs and RCPs
// count.
[[nodiscard]] std::size_t counted_bytes(std::string_view text);

// Longest documents, in the units of the two functions above.
using facts::kBucketPolicyMaxBytes;
using facts::kGroupInlineMax;
using facts::kGuardPolicyMaxBytes;
using facts::kManagedPolicyMax;
using facts::kRoleInlineMax;
using facts::kSessionPolicyMax;
using facts::kTrustPolicyMax;
using facts::kUserInlineMax;

}  // namespace signet::policy
