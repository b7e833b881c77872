#pragma once

#include "authz/check.h"
#include "identity/snapshot.h"
#include "model/caller.h"

namespace signet::authz {

// Everything a decision needs besides the check itself. Borrowed; lives as long as the request.
struct AuthzContext {
  const identity::Snapshot& snapshot;
  const model::Caller& caller;
  const RequestInfo& request;
};

}  // namespace signet::authz
