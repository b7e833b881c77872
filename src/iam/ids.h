#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "token/ids.h"

namespace signet::iam {

// A new unique id that `is_taken` does not know. 39 or 44 bits of it are random, so that a second
// try is rare.
template <class IsTaken>
[[nodiscard]] std::string fresh_id(std::string_view prefix,
                                   std::string_view account,
                                   Random& random,
                                   const IsTaken& is_taken) {
  std::string id = token::make_id(prefix, account, random);
  while (is_taken(id)) {
    id = token::make_id(prefix, account, random);
  }
  return id;
}

}  // namespace signet::iam
