#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "sigv4/request.h"
#include "sigv4/signer.h"

// What `signet sigv4 explain` prints: the stages of a signature, through the code that verifies.
namespace signet::sigv4 {

struct Explanation {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;  // empty for a received SigV4A request: another one is right each time
};

// The stages for a request that is still to be signed (one record of `--batch`).
[[nodiscard]] Explanation explain(const SigningRequest& request);

// What the server computes for a request as received, and how it would answer.
struct ReceivedExplanation {
  Explanation computed;            // empty if the request cannot be parsed
  std::string provided_signature;  // likewise
  bool matches = false;
  Error error;       // what the caller would be told, unless it matches
  std::string hint;  // one sentence on the likeliest cause, empty if there is none to name
};

[[nodiscard]] ReceivedExplanation explain_received(const RequestView& request,
                                                   const Profile& profile,
                                                   std::string_view secret_access_key,
                                                   std::string_view body,
                                                   Instant now);

}  // namespace signet::sigv4
