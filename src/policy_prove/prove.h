#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "policy_prove/witness.h"

// Whether policies can ever allow what others do not: a proof, or a request that shows it.

namespace signet::policy::prove {

// Whose requests count.
enum class Callers : std::uint8_t {
  Given,       // the caller that the question's "principal" names; absent: anonymous
  Identities,  // some user, some session of some role: whoever identity policies are attached to
  Everybody,   // all callers that resource policies tell apart
  Strangers,   // nobody in particular, with no value of a key that policies fix to somebody (public
               // access)
};

// Units of Budget: some seconds.
inline constexpr std::uint64_t kUsualBudget = 10'000'000'000;

// Asks for a well-formed request that is allowed now and was not before. `now` and `before` are
// JSON objects with members of a batch question (docs/reference/policy-batch.md): policies, and as
// far as the question fixes them "principal" with its companions, "resource_account" and, in
// "context", keys that all requests of that principal carry. What they do not say is free.
struct ProofQuestion {
  std::string now;     // empty: every request counts as allowed now
  std::string before;  // empty: none was
  std::string
      within;  // a policy document: requests that one of its Allow statements fits; empty: all
  Callers callers = Callers::Given;
  bool only_known_actions = false;  // actions of AWS's catalogue alone
  std::uint64_t budget = kUsualBudget;
};

enum class ProofResult : std::uint8_t {
  Pass,     // proved: there is no such request
  Fail,     // there is one
  Unknown,  // neither: a limit was reached, or policies say what is not covered
};

struct Proof {
  ProofResult result = ProofResult::Unknown;
  std::optional<Witness> witness;  // Fail: decided by decide() itself
  std::string reason;              // Unknown
  bool is_limit = false;           // Unknown: the budget was spent, or there were too many cases
};

// Actions that need no permission (sts:GetCallerIdentity, sts:GetSessionToken) are left out. The
// error says which policy cannot be read.
[[nodiscard]] std::expected<Proof, std::string> find_new_access(const ProofQuestion& question);

}  // namespace signet::policy::prove
