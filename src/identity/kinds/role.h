#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"
#include "identity/text.h"
#include "token/ids.h"

namespace signet::identity {

// The values that a role was made with for one parameter of its template.
struct OriginParameter {
  std::string name;
  std::vector<std::string> values;

  bool operator==(const OriginParameter&) const = default;
};

// The template that AcquireRole made a role from.
struct RoleOrigin {
  std::string template_arn;
  std::uint32_t minor_version = 0;
  std::vector<OriginParameter> parameters;  // by name, defaults included
};

// Of which a directory may hold a million (bench/state): small texts, and lists that equal roles
// share.
struct Role {
  Text account;
  Text id;  // AROA...
  Text name;
  Text path = "/";
  Instant created;
  Text description;
  std::uint32_t max_session_seconds = 3600;
  std::uint32_t max_signin_seconds = 0;  // 0: none (MaxSigninSessionDuration)
  DocumentRef trust_policy;
  SharedList<PrincipalPin> trust_pins;
  SharedList<Tag> tags;
  SharedList<InlinePolicy> inline_policies;
  SharedList<std::string> attached_policies;
  Text boundary;
  Instant sessions_valid_after;
  SharedList<RoleOrigin> origin;  // one, or none: the role is of no template
};

template <>
struct Fields<OriginParameter> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.name);
    ar.texts(2, v.values);
  }
};

template <>
struct Fields<RoleOrigin> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.template_arn);
    ar.number(2, v.minor_version);
    ar.list(3, v.parameters);
  }
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
    ar.list(16, v.origin);
  }

  static Status normalize(Role& v) {
    TRY_STATUS(require_id_and_name(v.account, v.id, v.name));
    if (v.trust_policy == nullptr) {
      return refuse(v.id, "a role without trust policy");
    }
    if (v.origin.size() > 1) {
      return refuse(v.id, "a role of two templates");
    }
    sort_unique(v.attached_policies);
    return normalize_inline(v.inline_policies, v.id);
  }
};

}  // namespace signet::identity
