#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "policy_language/document.h"
#include "policy_language/settings.h"

namespace signet::policy {

// What a text is about to become; each kind has its own rules and words (policy-semantics 1.2,
// aws-wire 4.9, 4.10).
enum class Profile : std::uint8_t {
  Identity,
  Boundary,
  Session,
  Trust,
  Bucket,
  Scp,
  Rcp,
  Endpoint
};

struct ValidateOptions {
  Profile profile = Profile::Identity;
  std::string_view bucket;  // Bucket: the bucket the policy is put on; its resources must be this
                            // bucket or its objects
  Settings settings;
};

// Reads a text that is about to be stored and refuses what AWS refuses, with AWS's first message in
// AWS's order: MalformedPolicyDocument (IAM, STS) or MalformedPolicy (Bucket). Characters outside
// the wire's pattern are the decoder's business. Sizes: see size.h. Existence of principals: see
// pins.h.
[[nodiscard]] Result<DocumentRef> validate(std::string_view text, const ValidateOptions& options);

}  // namespace signet::policy
