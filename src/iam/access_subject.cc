#include "iam/access_subject.h"

#include <algorithm>

#include "facts/iam_sentences.h"
#include "iam/names.h"
#include "iam/policy_source.h"
#include "policy_engine/compiled.h"

namespace signet::iam {
namespace {

void add_document(AccessSubject& subject, const identity::StoredDocument* document) {
  if (document != nullptr && document->policy() != nullptr) {
    subject.documents.push_back(&policy::document_of(*document->policy()));
  }
}

void add_members(AccessSubject& subject,
                 const identity::Group& group,
                 const identity::Snapshot& snapshot) {
  for (const identity::User* user : snapshot.members_of(group)) {
    subject.entities.push_back({.user = user});
  }
}

// Each once, though a policy may come to a user in several ways.
void keep_distinct(std::vector<AccessEntity>& entities) {
  const auto id = [](const AccessEntity& entity) {
    return entity.id();
  };
  std::ranges::sort(entities, {}, id);
  const auto rest = std::ranges::unique(entities, {}, id);
  entities.erase(rest.begin(), rest.end());
}

Result<AccessSubject> policy_subject(const identity::Snapshot& snapshot,
                                     std::string_view account,
                                     std::string_view arn) {
  const identity::ManagedPolicy* policy = find_usable_policy(snapshot, account, arn);
  if (policy == nullptr) {
    return policy_not_found(arn);
  }
  AccessSubject subject;
  add_document(subject, policy->default_document().get());
  for (const identity::PolicyEntity& entity : snapshot.entities_for_policy(account, arn)) {
    if (entity.is_boundary) {
      continue;
    }
    if (entity.group != nullptr) {
      add_members(subject, *entity.group, snapshot);
    } else {
      subject.entities.push_back({.user = entity.user, .role = entity.role});
    }
  }
  keep_distinct(subject.entities);
  return subject;
}

}  // namespace

std::string AccessEntity::arn() const {
  return user != nullptr ? identity::arn_of(*user) : identity::arn_of(*role);
}

Result<AccessSubject> find_access_subject(const identity::Snapshot& snapshot,
                                          std::string_view account,
                                          std::string_view arn) {
  if (is_policy_arn(arn)) {
    return policy_subject(snapshot, account, arn);
  }
  const PolicySource source = TRY(find_policy_source(snapshot, account, arn));
  AccessSubject subject;
  for (const identity::AppliedPolicy& applied : source.policies(snapshot)) {
    add_document(subject, applied.document);
  }
  if (source.group != nullptr) {
    add_members(subject, *source.group, snapshot);
  } else {
    subject.entities.push_back({.user = source.user, .role = source.role});
  }
  return subject;
}

Status require_access_subject(const identity::Snapshot& snapshot,
                              std::string_view account,
                              std::string_view arn) {
  if (is_policy_arn(arn)) {
    return find_usable_policy(snapshot, account, arn) != nullptr ? Status() : policy_not_found(arn);
  }
  const Result<PolicySource> source = find_policy_source(snapshot, account, arn);
  return source ? Status() : std::unexpected(source.error());
}

const identity::ServiceAccess* find_access(const identity::Snapshot& snapshot,
                                           std::string_view id,
                                           std::string_view service,
                                           Instant now) {
  const identity::LastAccess* access = snapshot.find<identity::LastAccess>(id);
  if (access == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::lower_bound(
      access->services, service, {}, [](const identity::ServiceAccess& one) {
        return std::string_view(one.service);
      });
  const bool is_told = found != access->services.end() && found->service == service &&
                       identity::is_access_told(found->at, now);
  return is_told ? &*found : nullptr;
}

const identity::ActionAccess* find_action_access(const identity::ServiceAccess& access,
                                                 std::string_view action,
                                                 Instant now) {
  const auto found =
      std::ranges::find(access.actions, action, [](const identity::ActionAccess& one) {
        return std::string_view(one.action);
      });
  const bool is_told = found != access.actions.end() && identity::is_access_told(found->at, now);
  return is_told ? &*found : nullptr;
}

bool has_tracked_actions(std::string_view service) {
  return service == "iam" || service == "s3" || service == "sts";
}

}  // namespace signet::iam
