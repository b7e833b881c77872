#pragma once

#include <memory>
#include <vector>

#include "base/random.h"
#include "crypto/key_wrap.h"

namespace signet::objects {

// Data keys for a store of a test: the same for the same seed of `random`.
inline std::shared_ptr<const crypto::SecretBox> keys_for_test(Random& random) {
  std::vector<crypto::NamedKey> keys;
  keys.push_back(crypto::make_named_key(1, random));
  return std::make_shared<const crypto::SecretBox>(keys);
}

}  // namespace signet::objects
