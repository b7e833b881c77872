#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"
#include "token/ids.h"

namespace signet::identity {

struct PolicyVersion {
  std::uint32_t number = 1;  // shown as v<number>; never used again
  DocumentRef document;
  Instant created;
};

// A customer managed policy, or one of AWS's from the catalogue (account "aws").
struct ManagedPolicy {
  std::string account;
  std::string id;  // ANPA...
  std::string name;
  std::string path = "/";
  std::string description;
  Instant created;
  Instant updated;
  std::uint32_t default_version = 1;
  std::uint32_t next_version = 2;       // the number the next version gets
  std::vector<PolicyVersion> versions;  // ascending
  SharedList<Tag> tags;
  bool is_attachable = true;

  // Null if there is none.
  [[nodiscard]] const PolicyVersion* version(std::uint32_t number) const;
  // The document in force; never null for a policy in a snapshot.
  [[nodiscard]] const DocumentRef& default_document() const;
};

template <>
struct Fields<PolicyVersion> {
  static void describe(auto& ar, auto& v) {
    ar.number(1, v.number);
    ar.document(2, v.document);
    ar.instant(3, v.created);
  }
};

template <>
struct Kind<ManagedPolicy> : KindDefaults {
  static constexpr std::uint8_t kRecord = 5;
  static constexpr std::string_view kNoun = "policy";
  static constexpr std::string_view kArn = "policy";
  static constexpr std::string_view kIdPrefix = token::kManagedPolicyPrefix;
  static constexpr bool kNeedsAccount = true;
  static constexpr bool kHasUniqueId = true;
  using Indexes = Types<ByName<ManagedPolicy>>;

  static std::string record_key(const ManagedPolicy& v) {
    return account_key(v.account, "policy", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.text(3, v.name);
    ar.text(4, v.path);
    ar.text(5, v.description);
    ar.instant(6, v.created);
    ar.instant(7, v.updated);
    ar.number(8, v.default_version);
    ar.number(9, v.next_version);
    ar.list(10, v.versions);
    ar.list(11, v.tags);
    ar.flag(12, v.is_attachable);
  }

  static Status normalize(const ManagedPolicy& v);

  // Entities name a policy by its ARN, which therefore cannot change.
  static bool may_replace(const ManagedPolicy& old, const ManagedPolicy& v) {
    return old.name == v.name && old.path == v.path;
  }

  // Versions of policies are counted by account.
  static std::size_t parts(const ManagedPolicy& v) { return v.versions.size(); }
};

}  // namespace signet::identity
