#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"
#include "identity/kinds/role.h"
#include "token/ids.h"

namespace signet::identity {

struct InstanceProfile {
  std::string account;
  std::string id;  // AIPA...
  std::string name;
  std::string path = "/";
  Instant created;
  std::string role_id;  // empty: none
  SharedList<Tag> tags;
};

// Role id, folded name of the profile.
struct ProfilesOfRole {
  using Entity = InstanceProfile;
  using Key = std::string;
  using Owner = Role;
  static constexpr bool kInAccount = true;

  static void keys(const InstanceProfile& v, auto&& add) {
    if (!v.role_id.empty()) {
      add(relation_key(v.role_id, fold_name(v.name)));
    }
  }
};

template <>
struct Kind<InstanceProfile> : KindDefaults {
  static constexpr std::uint8_t kRecord = 8;
  static constexpr std::string_view kNoun = "instance profile";
  static constexpr std::string_view kArn = "instance-profile";
  static constexpr std::string_view kIdPrefix = token::kInstanceProfilePrefix;
  static constexpr bool kNeedsAccount = true;
  static constexpr bool kHasUniqueId = true;
  using Indexes = Types<ByName<InstanceProfile>, ProfilesOfRole>;

  static std::string record_key(const InstanceProfile& v) {
    return account_key(v.account, "profile", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.instant(5, v.created);
    ar.text(6, v.role_id);
    ar.list(7, v.tags);
  }

  static Status normalize(const InstanceProfile& v) {
    return require_id_and_name(v.account, v.id, v.name);
  }

  static void references(const InstanceProfile& v, auto&& refer) {
    if (!v.role_id.empty()) {
      refer(RefersTo<Role>{v.role_id});
    }
  }
};

}  // namespace signet::identity
