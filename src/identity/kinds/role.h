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

struct Role {
  std::string account;
  std::string id;  // AROA...
  std::string name;
  std::string path = "/";
  Instant created;
  std::string description;
  std::uint32_t max_session_seconds = 3600;
  DocumentRef trust_policy;
  std::vector<PrincipalPin> trust_pins;
  std::vector<Tag> tags;
  std::vector<InlinePolicy> inline_policies;
  std::vector<std::string> attached_policies;
  std::string boundary;
  Instant sessions_valid_after;
  std::uint32_t max_signin_seconds = 0;  // 0: none (MaxSigninSessionDuration)
};

template <>
struct Kind<Role> : KindDefaults {
  static constexpr std::uint8_t kRecord = 4;
  static constexpr std::string_view kNoun = "role";
  static constexpr std::string_view kArn = "role";
  static constexpr std::string_view kIdPrefix = token::kRolePrefix;
  static constexpr bool kNeedsAccount = true;
  static constexpr bool kHasUniqueId = true;
  static constexpr bool kHasLastUse = true;
  static constexpr PolicyUseLetters kPolicyUse = {.attached = 'C', .boundary = 'E'};
  using Indexes = Types<ByName<Role>>;

  static std::string record_key(const Role& v) { return account_key(v.account, "role", v.id); }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.instant(5, v.created);
    ar.text(6, v.description);
    ar.number(7, v.max_session_seconds);
    ar.document(8, v.trust_policy);
    ar.list(9, v.trust_pins);
    ar.list(10, v.tags);
    ar.list(11, v.inline_policies);
    ar.texts(12, v.attached_policies);
    ar.text(13, v.boundary);
    ar.instant(14, v.sessions_valid_after);
    ar.number(15, v.max_signin_seconds);
  }

  static Status normalize(Role& v) {
    TRY_STATUS(require_id_and_name(v.account, v.id, v.name));
    if (v.trust_policy == nullptr) {
      return refuse(v.id, "a role without trust policy");
    }
    sort_unique(v.attached_policies);
    return normalize_inline(v.inline_policies, v.id);
  }
};

}  // namespace signet::identity
