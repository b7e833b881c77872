#pragma once

#include <string>

#include "base/instant.h"
#include "identity/snapshot.h"

namespace signet::server {

// What all users and roles hold and when they used it last, as one line of JSON for `signet analyze
// unused` (docs/guide/unused-access.md): {"now", "principals": [{"principal", "created", "last",
// "password": {"created", "last"}, "keys": [{"id", "is_active", "created", "last"}], "services":
// [{"service", "last", "actions": [{"action", "last"}]}]}]}. Times are ISO 8601; without "last" no
// use is known. Services are those of AWS's catalogue that the identity policies allow in some way,
// with their actions where the server records them. Slow for many principals: not for an event
// loop.
[[nodiscard]] std::string access_use(const identity::Snapshot& snapshot, Instant now);

}  // namespace signet::server
