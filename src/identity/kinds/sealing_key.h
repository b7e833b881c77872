#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

// A key of the ring that seals session tokens. Ids are given once.
struct SealingKey {
  std::uint32_t id = 0;
  SharedSecret bytes;  // 32 bytes
  Instant not_before;  // seals from here on
  Instant not_after;   // neither seals nor opens from here on
};

struct SealingKeyByNumber {
  using Entity = SealingKey;
  using Key = std::uint32_t;
  static constexpr bool kInAccount = false;

  static void keys(const SealingKey& v, auto&& add) { add(v.id); }

  static Key key_of(std::uint32_t id) { return id; }
};

template <>
struct Kind<SealingKey> : KindDefaults {
  using Id = std::uint32_t;
  static constexpr std::uint8_t kRecord = 12;
  static constexpr std::string_view kNoun = "sealing key";
  using Indexes = Types<SealingKeyByNumber>;

  static std::string record_key(const SealingKey& v) { return "g/seal/" + std::to_string(v.id); }

  static void fields(auto& ar, auto& v) {
    ar.number(1, v.id);
    ar.secret(2, v.bytes);
    ar.instant(3, v.not_before);
    ar.instant(4, v.not_after);
  }

  static Status normalize(const SealingKey& v) {
    return v.bytes == nullptr ? Status(refuse(kNoun, "no bytes")) : Status();
  }
};

}  // namespace signet::identity
