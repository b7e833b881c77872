#pragma once

#include <optional>
#include <string>
#include <vector>

#include "authz/authorizer.h"
#include "authz/policy_sources.h"
#include "base/instant.h"
#include "escalation/ways.h"
#include "identity/snapshot.h"
#include "model/caller.h"
#include "policy_engine/demand.h"

// When a principal may make a call: by the engine that decides requests, and by proofs over it
// where the answer depends on the request.

namespace signet::escalation {

// A user or role that asks. Borrows from the snapshot that it was made of.
struct Asker {
  std::string arn;
  const identity::User* user = nullptr;  // exactly one of the two
  const identity::Role* role = nullptr;
  // As it calls with and without MFA, and with a key that says nothing of it: all that its requests
  // can be as far as MFA goes.
  std::vector<model::Caller> callers;
  std::vector<std::optional<bool>> mfa;  // of each: what aws:MultiFactorAuthPresent says

  [[nodiscard]] const std::string& account() const { return callers.front().account; }
};

// Of a user or role that there is; nothing otherwise.
[[nodiscard]] std::optional<Asker> asker_named(std::string_view arn,
                                               const identity::Snapshot& snapshot,
                                               Instant now);

// Not safe for concurrent use.
class Decider {
 public:
  explicit Decider(Instant now) : now_(now) {}

  // Nothing: the call is refused whatever the request says. The snapshot may be a supposition.
  [[nodiscard]] std::optional<Condition> ask(const identity::Snapshot& snapshot,
                                             const Asker& asker,
                                             const authz::Check& check);

  // The same of a check that an identity provider or a service is asked for (Check::federation).
  [[nodiscard]] std::optional<Condition> ask_of_provider(const identity::Snapshot& snapshot,
                                                         const authz::Check& check);

 private:
  [[nodiscard]] std::optional<Condition> by_proof(const identity::Snapshot& snapshot,
                                                  const model::Caller& caller,
                                                  const authz::Check& check);

  [[nodiscard]] policy::KeyDemand demand(const authz::AuthzContext& context,
                                         const authz::Check& check);

  Instant now_;
  authz::Authorizer authorizer_;
  authz::PolicySources sources_;
};

}  // namespace signet::escalation
