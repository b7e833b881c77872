#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "identity/snapshot.h"
#include "token/ids.h"

namespace signet::iam {

// A new unique id that no entity of its kind has. 39 or 44 bits of it are random, so that a second
// try is rare.
template <class Entity>
[[nodiscard]] std::string fresh_id(const identity::Snapshot& snapshot,
                                   std::string_view account,
                                   Random& random) {
  std::string id = token::make_id(identity::Kind<Entity>::kIdPrefix, account, random);
  while (snapshot.find<Entity>(id) != nullptr) {
    id = token::make_id(identity::Kind<Entity>::kIdPrefix, account, random);
  }
  return id;
}

}  // namespace signet::iam
