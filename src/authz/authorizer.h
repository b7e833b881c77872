#pragma once

#include <memory>
#include <string>

#include "authz/authorized.h"
#include "authz/authz_context.h"
#include "authz/check.h"
#include "authz/refused_by.h"
#include "base/result.h"
#include "policy_engine/decide.h"

namespace signet::authz {

// A refusal in JSON.
struct RefusalTexts {
  std::string message;  // for the caller, to be sealed
  std::string record;   // for the operator
};

// Turns (caller, check) into the policy engine's input and asks it. One instance per event loop or
// worker thread: it keeps that thread's cache of policy sets, so it is not safe for concurrent use.
// Decisions follow policy-semantics 7.
class Authorizer {
 public:
  Authorizer();
  ~Authorizer();
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;
  Authorizer(Authorizer&&) = delete;
  Authorizer& operator=(Authorizer&&) = delete;

  // Allowed only if every check is; otherwise AccessDenied with AWS's sentence for the first
  // refused one, and `checks` is left as it was. An empty list is refused: an operation that needs
  // no permission says so with Grant::ToSignedIn.
  [[nodiscard]] Result<Authorized> authorize(const AuthzContext& context, CheckList&& checks);

  // What refused the call that authorize() refused last.
  [[nodiscard]] RefusedBy refused_by() const { return refused_by_; }

  // About the first refused check: what DecodeAuthorizationMessage shows (aws-wire 3.5; empty when
  // the caller may not have it, refusal.h), and what the audit trail keeps. Both empty when nothing
  // is refused. Slow: for refusals only, and without `is_whole` the reason alone.
  [[nodiscard]] RefusalTexts describe_refusal(const AuthzContext& context,
                                              const CheckList& checks,
                                              bool is_whole = true);

  // One decision (its statement names no set), for calls that report per item (S3 DeleteObjects)
  // and for pages that show what is allowed.
  [[nodiscard]] policy::Decision decide(const AuthzContext& context, const Check& check);

  [[nodiscard]] bool allows(const AuthzContext& context, const Check& check);

  // Whether the tags of an object (s3:ExistingObjectTag) can play a part in a decision; where they
  // cannot, nobody needs to fetch them.
  [[nodiscard]] bool reads_object_tags(const AuthzContext& context, const Check& check);

 private:
  struct Cache;
  struct Question;

  static RefusalTexts described(const AuthzContext& context,
                                const Check& check,
                                const Question& question,
                                const policy::Decision& decision);

  std::unique_ptr<Cache> cache_;
  RefusedBy refused_by_;
};

}  // namespace signet::authz
