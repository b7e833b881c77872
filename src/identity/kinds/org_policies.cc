#include "identity/kinds/org_policies.h"

#include <algorithm>

namespace signet::identity {

Status Kind<OrgPolicies>::normalize(OrgPolicies& v) {
  if (v.account.empty()) {
    return refuse(kNoun, "no account");
  }
  if (!v.path.empty() && !v.path.ends_with('/')) {
    return refuse(v.account, "the path in the organization does not end in '/'");
  }
  const bool is_for_management = v.has_iam_access || v.is_billing_only ||
                                 !v.delegated_administrator.empty() || !v.root_features.empty();
  if (is_for_management && !v.is_management) {
    return refuse(v.account, "what holds for an organization is said of its management account");
  }
  sort_unique(v.root_features);
  for (const auto* levels : {&v.scps, &v.rcps}) {
    for (const OrgLevel& level : *levels) {
      const bool is_whole = std::all_of(level.policies.begin(),
                                        level.policies.end(),
                                        [](const OrgPolicy& p) { return p.document != nullptr; });
      if (!is_whole) {
        return refuse(v.account, "an organization policy without document");
      }
    }
  }
  return {};
}

}  // namespace signet::identity
