#pragma once

#include <vector>

#include "identity/snapshot.h"

namespace signet::rolesanywhere {

// The revocation lists of a trust anchor, enabled or not, in the order of their ids.
[[nodiscard]] std::vector<const identity::RevocationList*> lists_of(
    const identity::Snapshot& snapshot, const identity::TrustAnchor& anchor);

}  // namespace signet::rolesanywhere
