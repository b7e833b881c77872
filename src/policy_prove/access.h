#pragma once

#include <cstdint>
#include <vector>

#include "policy_engine/policy_set.h"
#include "policy_engine/question.h"

// What a decision asks of statements, for one caller and one kind of request: policy-semantics 7.2
// as a conjunction.

namespace signet::policy::prove {

// A statement as a decision sees it.
struct AccessStatement {
  const PolicySet* set = nullptr;
  std::uint32_t member = 0;  // index into PolicySet::members()
  std::uint32_t statement = 0;
  std::uint32_t id = 0;  // number among all statements of a proof
};

// Allowed: no statement of `denials` applies and, for each clause, one of its statements does.
struct Access {
  bool is_never = false;  // not even so
  std::vector<AccessStatement> denials;
  std::vector<std::vector<AccessStatement>> clauses;
};

// What tells kinds of requests apart beyond what statements say of them.
struct RequestKind {
  bool is_own = true;             // the resource belongs to the caller's account, or to nobody
  bool is_foreign = false;        // of another partition than the caller
  bool must_allow = false;        // the resource policy must allow (7.4, 8.1)
  bool is_bucket_policy = false;  // s3:Get-, Put- and DeleteBucketPolicy (T27)
  bool is_assume_role = false;    // sts:AssumeRole
};

// All statements of the sets, numbered from `first_id` on.
[[nodiscard]] std::vector<AccessStatement> statements_of(const PolicyInputs& policies);

// Mirrors Decider of decide.cc under default settings. `statements`: statements_of(policies).
[[nodiscard]] Access access_of(const PolicyInputs& policies,
                               const std::vector<AccessStatement>& statements,
                               const Principal& principal,
                               const RequestKind& kind);

}  // namespace signet::policy::prove
