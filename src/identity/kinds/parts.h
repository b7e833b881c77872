#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/secret.h"
#include "identity/kinds/kind.h"
#include "identity/shared.h"
#include "identity/stored_document.h"
#include "model/caller.h"

namespace signet::identity {

// What several kinds of entities hold.

using model::Tag;
using policy::PrincipalPin;

// Shared so that entities can be copied; the bytes exist once and are wiped with the last owner.
using SharedSecret = std::shared_ptr<const Secret>;

[[nodiscard]] inline SharedSecret make_shared_secret(std::string bytes) {
  return std::make_shared<const Secret>(std::move(bytes));
}

// Password of an IAM user or of root.
struct LoginProfile {
  std::string password_hash;                 // PHC string (argon2id)
  std::vector<std::string> previous_hashes;  // newest first, for PasswordReusePrevention
  Instant created;
  Instant changed;
  bool is_reset_required = false;
  std::uint32_t max_signin_seconds = 0;  // 0: none (MaxSigninSessionDuration)
};

struct InlinePolicy {
  std::string name;
  DocumentRef document;
};

template <>
struct Fields<Tag> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.key);
    ar.text(2, v.value);
  }
};

template <>
struct Fields<PrincipalPin> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.arn);
    ar.text(2, v.id);
  }
};

template <>
struct Fields<LoginProfile> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.password_hash);
    ar.texts(2, v.previous_hashes);
    ar.instant(3, v.created);
    ar.instant(4, v.changed);
    ar.flag(5, v.is_reset_required);
    ar.number(6, v.max_signin_seconds);
  }
};

template <>
struct Fields<InlinePolicy> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.name);
    ar.document(2, v.document);
  }
};

// The uses of managed policies by entities of a kind, as letters in policy_uses.h. On nobody's
// disk; their order is that of lists: users, groups, roles, then boundaries.
struct PolicyUseLetters {
  char attached = 0;
  char boundary = 0;  // 0: the kind has none
};

// Sorts, and drops what is there twice.
void sort_unique(std::vector<std::string>& items);
void sort_unique(SharedList<std::string>& items);

// Sorts by name; refuses a policy without document.
[[nodiscard]] Status normalize_inline(SharedList<InlinePolicy>& policies, std::string_view owner);

}  // namespace signet::identity
