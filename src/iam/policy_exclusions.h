#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/iam_types.h"
#include "iam/policy_source.h"
#include "identity/snapshot.h"

namespace signet::iam {

// Policies that SimulatePrincipalPolicy leaves out (new-in-2026 9). One that matches nothing is no
// error. Borrows the request.
// AWS-DIFF: AWS's simulator knows no resource control policies and ignores their exclusion; here
// they are part of a simulation and are left out (simulation_test.cc).
class PolicyExclusions {
 public:
  PolicyExclusions() = default;

  // InvalidInput for an entry that is not exactly one of its three members, an ARN that is none, or
  // a wildcard where none may be: at most one `*` and any number of `?`, in the resource's name
  // only.
  [[nodiscard]] static Result<PolicyExclusions> read(const std::vector<PolicyIdentifier>& given);

  [[nodiscard]] bool empty() const {
    return types_.empty() && arns_.empty() && inline_policies_.empty();
  }

  // A policy that applies to the source, by itself or through a group.
  [[nodiscard]] bool has_policy(const PolicySource& source,
                                const identity::AppliedPolicy& applied) const;
  [[nodiscard]] bool has_boundary(std::string_view arn) const;

  [[nodiscard]] bool has_all_scps() const { return has_type("scp"); }

  [[nodiscard]] bool has_all_rcps() const { return has_type("rcp"); }

  // One policy of an organization, by its ARN.
  [[nodiscard]] bool has_guard(std::string_view name) const { return has_arn(name); }

 private:
  [[nodiscard]] bool has_type(std::string_view type) const;
  [[nodiscard]] bool has_arn(std::string_view arn) const;
  [[nodiscard]] bool has_inline(std::string_view kind,
                                std::string_view owner,
                                std::string_view name) const;

  std::vector<std::string_view> types_;
  std::vector<std::string_view> arns_;
  std::vector<const InlinePolicyIdentifierType*> inline_policies_;
};

}  // namespace signet::iam
