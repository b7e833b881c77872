#include "identity/organizations.h"

#include <algorithm>

#include "identity/entities.h"

namespace signet::identity {

const OrgPolicies* management_of(const Snapshot& snapshot, std::string_view account) {
  const OrgPolicies* own = snapshot.find<OrgPolicies>(account);
  if (own == nullptr || own->organization_id.empty()) {
    return nullptr;
  }
  if (own->is_management) {
    return own;
  }
  for (const Account* other : snapshot.accounts()) {
    const OrgPolicies* org = snapshot.find<OrgPolicies>(other->id);
    if (org != nullptr && org->is_management && org->organization_id == own->organization_id) {
      return org;
    }
  }
  return nullptr;
}

bool administers(const OrgPolicies& management, std::string_view account) {
  return account == management.account || account == management.delegated_administrator;
}

bool has_root_feature(const OrgPolicies& management, std::string_view feature) {
  return std::ranges::find(management.root_features, feature) != management.root_features.end();
}

}  // namespace signet::identity
