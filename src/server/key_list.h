#pragma once

#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "identity/snapshot.h"
#include "store/store.h"

namespace signet::server {

// A key of a server, without anything secret.
struct KeyRow {
  std::string kind;  // "master", "data", "sealing", "oidc"
  std::string id;
  std::string state;  // "in use", "published", "opens what it sealed" ...
  std::string more;   // for people: until when, of which account
};

// The keys of a store and of its newest state. Blocks on the store.
[[nodiscard]] Result<std::vector<KeyRow>> list_keys(store::Store& store,
                                                    const identity::Snapshot& snapshot,
                                                    Instant now);

}  // namespace signet::server
