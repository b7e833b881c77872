#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy_prove/callers.h"
#include "policy_prove/search.h"
#include "policy_telling/offline.h"

// A model as a request that somebody can send, put to decide() itself.

namespace signet::policy::prove {

// A statement that allows a witness.
struct GrantingStatement {
  std::string policy;           // id of the policy
  std::string sid;              // empty: it has none
  std::uint32_t statement = 0;  // its number in the policy, from 0
};

// A request that was decided twice: allowed here, not there.
struct Witness {
  std::string principal;  // empty: anonymous
  std::string action;
  std::string resource;
  std::vector<std::pair<std::string, DimensionValue>> context;
  std::string
      question;        // as a line of `signet policy eval --batch`, with the policies that allow it
  std::string before;  // with those that do not; empty: there are none to compare with
  std::vector<GrantingStatement> granted_by;
};

// The policies that a proof is about, as members of a batch question. Empty: nothing is asked of
// that side.
struct Sides {
  std::string_view now;
  std::string_view before;
  std::string_view within;  // a policy document of which a statement has to fit the request
};

struct Candidate {
  const Caller& caller;
  std::string_view action;
  bool is_arn = true;
  std::string_view resource_account;  // empty: not said
  const Vocabulary& vocabulary;
  const Model& model;
};

// Makes the model consistent (names, accounts and session of the caller, times, tag keys) and puts
// it to decide(). Nothing: no way to make it so is allowed by `now` and not by `before`.
[[nodiscard]] std::optional<Witness> replay(const Candidate& candidate,
                                            const Sides& sides,
                                            PolicyCache& cache);

}  // namespace signet::policy::prove
