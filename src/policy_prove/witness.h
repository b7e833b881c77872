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

// The policies of one side of a proof, as members of a batch question and as they were read.
struct AskedSide {
  const PolicyInputs* inputs = nullptr;  // null: nothing is asked of that side
  std::string policies;                  // members, each behind a comma
  std::string rest;                      // those that are neither policies nor of the request
};

// The question must outlive it.
[[nodiscard]] AskedSide side_of(const Question& question);

struct Sides {
  AskedSide now;
  AskedSide before;
  PolicyRef within;  // a policy of which a statement has to fit the request; null: any does
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
// it to decide(). Nothing: no way to make it so is allowed by `now` and not by `before`. The
// questions of the answer have no policies yet.
[[nodiscard]] std::optional<Witness> replay(const Candidate& candidate,
                                            const Sides& sides,
                                            PolicyCache& cache);

// Completes the questions of a replayed witness and puts them to decide() as they are shown. False:
// it is none, which would be a bug.
[[nodiscard]] bool confirm(Witness& witness, const Sides& sides, PolicyCache& cache);

}  // namespace signet::policy::prove
