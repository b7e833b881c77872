#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "crypto/key_wrap.h"

// For targets of what is sealed: a key that is always the same, and no chance.
namespace signet {

// Always zero, so that sealing the same secret gives the same bytes.
class ZeroRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      byte = 0;
    }
  }
};

inline const crypto::SecretBox& box() {
  static const crypto::SecretBox kBox = [] {
    std::vector<crypto::NamedKey> keys;
    keys.push_back({.id = 1, .bytes = Secret(std::string(32, 'k'))});
    return crypto::SecretBox(keys);
  }();
  return kBox;
}

}  // namespace signet
