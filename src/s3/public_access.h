#pragma once

#include <array>
#include <string_view>

#include "identity/entities.h"

namespace signet::s3 {

// S3 Block Public Access, as far as policies go: there are no ACLs (acls.cc).

// Its settings, in the order in which the document has them.
inline constexpr std::array<std::string_view, 4> kPublicAccessSettings = {
    "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"};

// All four settings, which a new bucket has (since April 2023 on S3).
void block_public_access(identity::Bucket& bucket);

// Whether the bucket has a policy that is public (policy_writing/public_access.h).
[[nodiscard]] bool has_public_policy(const identity::Bucket& bucket);

// Whether the bucket takes no such policy (BlockPublicPolicy).
[[nodiscard]] bool blocks_public_policy(const identity::Bucket& bucket);

// Whether the policy of the bucket, being public, serves only callers of the owner's account
// (RestrictPublicBuckets).
[[nodiscard]] bool is_restricted(const identity::Bucket& bucket);

}  // namespace signet::s3
