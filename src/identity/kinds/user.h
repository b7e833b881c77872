#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/group.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"
#include "token/ids.h"

namespace signet::identity {

struct User {
  std::string account;
  std::string id;  // AIDA...
  std::string name;
  std::string path = "/";
  Instant created;
  SharedList<Tag> tags;                       // in the order the owner of the entity keeps them
  SharedList<InlinePolicy> inline_policies;   // sorted by name
  SharedList<std::string> attached_policies;  // policy ARNs, sorted
  std::string boundary;                       // policy ARN; empty: none
  std::vector<std::string> group_ids;         // AGPA..., sorted
  std::optional<LoginProfile> login;
  Instant sessions_valid_after;  // sessions issued before this are refused
};

// Group id, folded name of the user.
struct MembersOfGroup {
  using Entity = User;
  using Key = std::string;
  using Owner = Group;
  static constexpr bool kInAccount = true;

  static void keys(const User& v, auto&& add) {
    for (const std::string& group : v.group_ids) {
      add(relation_key(group, fold_name(v.name)));
    }
  }
};

template <>
struct Kind<User> : KindDefaults {
  static constexpr std::uint8_t kRecord = 2;
  static constexpr std::string_view kNoun = "user";
  static constexpr std::string_view kArn = "user";
  static constexpr std::string_view kIdPrefix = token::kUserPrefix;
  static constexpr bool kNeedsAccount = true;
  static constexpr bool kHasUniqueId = true;
  static constexpr bool kHasLastUse = true;  // of the password
  static constexpr PolicyUseLetters kPolicyUse = {.attached = 'A', .boundary = 'D'};
  using Indexes = Types<ByName<User>, MembersOfGroup>;

  static std::string record_key(const User& v) { return account_key(v.account, "user", v.id); }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.instant(5, v.created);
    ar.list(6, v.tags);
    ar.list(7, v.inline_policies);
    ar.texts(8, v.attached_policies);
    ar.text(9, v.boundary);
    ar.texts(10, v.group_ids);
    ar.maybe(11, v.login);
    ar.instant(12, v.sessions_valid_after);
  }

  static Status normalize(User& v) {
    TRY_STATUS(require_id_and_name(v.account, v.id, v.name));
    sort_unique(v.attached_policies);
    sort_unique(v.group_ids);
    return normalize_inline(v.inline_policies, v.id);
  }

  static void references(const User& v, auto&& refer) {
    for (const std::string& id : v.group_ids) {
      refer(RefersTo<Group>{id});
    }
  }
};

}  // namespace signet::identity
