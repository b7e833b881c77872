#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

struct Bucket {
  std::string name;
  std::string account;  // the owner
  std::string region;
  Instant created;
  DocumentRef policy;  // null: none
  std::vector<PrincipalPin> policy_pins;
  std::vector<Tag> settings;  // by name, sorted
  // 32 random digits that no other bucket has, also none of this name; empty: one that was made
  // before there were any.
  std::string store_id = std::string();
};

// Names are exact, and taken for all accounts.
struct BucketByName {
  using Entity = Bucket;
  using Key = std::string;
  static constexpr bool kInAccount = false;

  static void keys(const Bucket& v, auto&& add) { add(v.name); }

  static std::string_view key_of(std::string_view name) { return name; }
};

struct BucketsOfAccount {
  using Entity = Bucket;
  using Key = std::string;
  static constexpr bool kInAccount = true;

  static void keys(const Bucket& v, auto&& add) { add(v.name); }
};

template <>
struct Kind<Bucket> : KindDefaults {
  static constexpr std::uint8_t kRecord = 9;
  static constexpr std::string_view kNoun = "bucket";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<BucketByName, BucketsOfAccount>;

  static std::string record_key(const Bucket& v) { return "g/bucket/" + v.name; }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.name);
    ar.text(2, v.account);
    ar.text(3, v.region);
    ar.instant(4, v.created);
    ar.document(5, v.policy);
    ar.list(6, v.policy_pins);
    ar.list(7, v.settings);
    ar.text(8, v.store_id);
  }

  static Status normalize(const Bucket& v) {
    return v.name.empty() ? Status(refuse(kNoun, "no name")) : Status();
  }
};

}  // namespace signet::identity
