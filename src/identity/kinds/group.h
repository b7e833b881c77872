#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"
#include "token/ids.h"

namespace signet::identity {

struct Group {
  std::string account;
  std::string id;  // AGPA...
  std::string name;
  std::string path = "/";
  Instant created;
  SharedList<InlinePolicy> inline_policies;
  SharedList<std::string> attached_policies;
};

template <>
struct Kind<Group> : KindDefaults {
  static constexpr std::uint8_t kRecord = 3;
  static constexpr std::string_view kNoun = "group";
  static constexpr std::string_view kArn = "group";
  static constexpr std::string_view kIdPrefix = token::kGroupPrefix;
  static constexpr bool kNeedsAccount = true;
  static constexpr bool kHasUniqueId = true;
  static constexpr PolicyUseLetters kPolicyUse = {.attached = 'B'};
  using Indexes = Types<ByName<Group>>;

  static std::string record_key(const Group& v) { return account_key(v.account, "group", v.id); }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.instant(5, v.created);
    ar.list(6, v.inline_policies);
    ar.texts(7, v.attached_policies);
  }

  static Status normalize(Group& v) {
    TRY_STATUS(require_id_and_name(v.account, v.id, v.name));
    sort_unique(v.attached_policies);
    return normalize_inline(v.inline_policies, v.id);
  }
};

}  // namespace signet::identity
