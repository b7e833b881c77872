#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

enum class DeletionStatus : std::uint8_t { Succeeded = 1, Failed = 2 };  // on disk

// What kept a service-linked role from being deleted: resources of its service in one region.
struct RoleUsage {
  std::string region;
  std::vector<std::string> resources;  // ARNs
};

template <>
struct Fields<RoleUsage> {
  static void describe(auto& ar, auto& v) {
    ar.text(1, v.region);
    ar.texts(2, v.resources);
  }
};

// What became of one DeleteServiceLinkedRole: it outlives the role.
struct DeletionTask {
  std::string account;
  std::string id;  // task/aws-service-role/SERVICE/ROLE/UUID
  Instant created;
  DeletionStatus status = DeletionStatus::Succeeded;
  std::string reason;  // why it failed; otherwise empty
  std::vector<RoleUsage> usage;
};

// In the order in which they were made.
struct DeletionTasksByAge {
  using Entity = DeletionTask;
  using Key = std::string;
  static constexpr bool kInAccount = true;

  static void keys(const DeletionTask& v, auto&& add) { add(age_key(v.created, v.id)); }
};

template <>
struct Kind<DeletionTask> : KindDefaults {
  static constexpr std::uint8_t kRecord = 26;
  static constexpr std::string_view kNoun = "deletion task";
  static constexpr bool kNeedsAccount = true;
  using Indexes = Types<ById<DeletionTask>, DeletionTasksByAge>;

  static std::string record_key(const DeletionTask& v) {
    return account_key(v.account, "deletion", v.id);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.id);
    ar.instant(3, v.created);
    ar.enumeration(4, v.status, DeletionStatus::Succeeded, DeletionStatus::Failed);
    ar.text(5, v.reason);
    ar.list(6, v.usage);
  }

  static Status normalize(const DeletionTask& v) {
    return v.id.empty() ? Status(refuse(kNoun, "no id")) : Status();
  }
};

}  // namespace signet::identity
