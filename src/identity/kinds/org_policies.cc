#include "identity/kinds/org_policies.h"

#include <algorithm>

namespace signet::identity {

Status Kind<OrgPolicies>::normalize(const OrgPolicies& v) {
  if (v.account.empty()) {
    return refuse(kNoun, "no account");
  }
  if (!v.path.empty() && !v.path.ends_with('/')) {
    return refuse(v.account, "the path in the organization does not end in '/'");
  }
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
