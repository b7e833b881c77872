#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "identity/snapshot.h"
#include "policy_language/document.h"

namespace signet::iam {

// A user or role whose access is looked at: one of the two is set.
struct AccessEntity {
  const identity::User* user = nullptr;
  const identity::Role* role = nullptr;

  [[nodiscard]] std::string arn() const;

  [[nodiscard]] std::string_view id() const {
    return user != nullptr ? std::string_view(user->id) : std::string_view(role->id);
  }

  [[nodiscard]] std::string_view name() const {
    return user != nullptr ? std::string_view(user->name) : std::string_view(role->name);
  }

  [[nodiscard]] std::string_view path() const {
    return user != nullptr ? std::string_view(user->path) : std::string_view(role->path);
  }
};

// What a report of last accesses is about: a user, group, role or managed policy.
struct AccessSubject {
  std::vector<const policy::Document*>
      documents;  // what it allows; those that cannot be read left out
  std::vector<AccessEntity>
      entities;  // who has that from it: itself, members, or those with the policy
};

// The subject of an ARN, its views into the snapshot. NoSuchEntity in its kind's words if the
// account has no such thing; InvalidInput for an ARN of something else.
[[nodiscard]] Result<AccessSubject> find_access_subject(const identity::Snapshot& snapshot,
                                                        std::string_view account,
                                                        std::string_view arn);

// The same refusals, without finding what the subject is made of.
[[nodiscard]] Status require_access_subject(const identity::Snapshot& snapshot,
                                            std::string_view account,
                                            std::string_view arn);

// What an entity did last in a service; null if nothing, or too long ago.
[[nodiscard]] const identity::ServiceAccess* find_access(const identity::Snapshot& snapshot,
                                                         std::string_view id,
                                                         std::string_view service,
                                                         Instant now);

// When it did an action of that service last; null if never, or too long ago.
[[nodiscard]] const identity::ActionAccess* find_action_access(
    const identity::ServiceAccess& access, std::string_view action, Instant now);

// Whether the actions of a service are kept one by one: those of what is served here.
// AWS-DIFF: AWS tracks management actions only, this server reads and writes of objects as well
// (LastAccessed.ActionsOfServedServicesAreTold).
[[nodiscard]] bool has_tracked_actions(std::string_view service);

}  // namespace signet::iam
