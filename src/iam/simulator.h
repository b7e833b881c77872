#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authz/policy_sources.h"
#include "base/result.h"
#include "facts/iam_types.h"
#include "iam/policy_exclusions.h"
#include "iam/policy_source.h"
#include "identity/snapshot.h"
#include "policy_language/context.h"
#include "policy_telling/simulate.h"

namespace signet::iam {

// Members of either Simulate request that mean the same.
struct SimulationRequest {
  const std::vector<std::string>& policies;
  const std::vector<std::string>& boundaries;
  const std::optional<std::string>& resource_policy;
  const std::optional<std::string>& resource_owner;
  const std::optional<std::string>& caller_arn;
  const std::vector<ContextEntry>& context;
  const std::vector<OrderedOrganizationPolicyType>& organization;  // levels of SCPs, the root first
};

// Whose policies are simulated: an entity's, or only those in the request.
struct SimulationSubject {
  const identity::Snapshot& snapshot;
  std::string_view account;  // of the caller of the API
  std::optional<PolicySource> source;
  PolicyExclusions exclusions = PolicyExclusions();
};

// Everything that is the same for all pairs of action and resource of a simulation (aws-wire 4.24),
// decided by the engine that decides requests.
// AWS-DIFF: AWS's simulator knows less than its servers; this one knows what it simulates: a
// principal brings its own context keys, the policies of its organization with their conditions,
// and the trust policies of the account's roles for sts:AssumeRole* (simulation_test.cc).
class Simulator {
 public:
  // InvalidInput names the first input that cannot be used.
  [[nodiscard]] static Result<std::unique_ptr<Simulator>> make(const SimulationSubject& subject,
                                                               const SimulationRequest& request);
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  Simulator(Simulator&&) = delete;
  Simulator& operator=(Simulator&&) = delete;
  ~Simulator() = default;

  [[nodiscard]] policy::SimulationResult run(std::string_view action,
                                             std::string_view resource) const;

 private:
  explicit Simulator(const SimulationSubject& subject) : subject_(subject) {}

  [[nodiscard]] Status read_policies(const SimulationRequest& request);
  [[nodiscard]] Status read_boundary(const SimulationRequest& request);
  [[nodiscard]] Status read_caller(const SimulationRequest& request);
  [[nodiscard]] Status parse_caller(std::string_view arn);
  [[nodiscard]] Status read_resource_side(const SimulationRequest& request);
  [[nodiscard]] Status read_context(const SimulationRequest& request);
  void fill_known_keys(const SimulationRequest& request);
  [[nodiscard]] policy::PolicySetRef trust_of(std::string_view resource) const;

  SimulationSubject subject_;
  policy::PolicySetRef identity_;
  policy::PolicySetRef boundary_;
  policy::PolicySetRef resource_;  // as given in the request
  authz::AccountGuardsRef guards_;
  policy::Principal principal_;
  std::string caller_arn_;
  std::string entity_arn_;
  std::string owner_;  // account of the resources
  std::vector<model::Tag> tags_;
  std::vector<std::vector<std::string_view>> lists_;
  policy::RequestContext context_;
};

// Names of the context keys that the documents ask for, each once (GetContextKeysFor*).
// InvalidInput for a text that is no policy.
[[nodiscard]] Result<std::vector<std::string>> context_keys_of(
    const std::vector<policy::PolicyMember>& members, const std::vector<std::string>& texts);

// The policies of an entity as members of a set, called as SourcePolicyId shows them.
[[nodiscard]] std::vector<policy::PolicyMember> members_of(
    const PolicySource& source,
    const identity::Snapshot& snapshot,
    const PolicyExclusions& exclusions = PolicyExclusions());

}  // namespace signet::iam
