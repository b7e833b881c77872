#include "iam/views.h"

#include "base/strings.h"
#include "iam/documents.h"
#include "model/arn.h"

namespace signet::iam {

namespace {

// RoleLastUsed looks this far back (aws-wire 4.6).
constexpr std::int64_t kLastUsedDays = 400;

}  // namespace

User show(const identity::User& user, const identity::Snapshot& snapshot) {
  User shown;
  shown.path = user.path;
  shown.user_name = user.name;
  shown.user_id = user.id;
  shown.arn = identity::arn_of(user);
  shown.create_date = user.created;
  if (const identity::LastUsed* used = snapshot.find<identity::LastUsed>(user.id)) {
    shown.password_last_used = used->at;
  }
  return shown;
}

Group show(const identity::Group& group) {
  return {.path = group.path,
          .group_name = group.name,
          .group_id = group.id,
          .arn = identity::arn_of(group),
          .create_date = group.created};
}

Role show(const identity::Role& role, const identity::Snapshot& snapshot) {
  Role shown;
  shown.path = role.path;
  shown.role_name = role.name;
  shown.role_id = role.id;
  shown.arn = identity::arn_of(role);
  shown.create_date = role.created;
  shown.assume_role_policy_document = shown_trust_policy(role, snapshot);
  return shown;
}

Policy show(const identity::ManagedPolicy& policy,
            const identity::Snapshot& snapshot,
            std::string_view account) {
  const std::string arn = identity::arn_of(policy);
  const identity::PolicyUse use = snapshot.policy_use(account, arn);
  Policy shown;
  shown.policy_name = policy.name;
  shown.policy_id = policy.id;
  shown.arn = arn;
  shown.path = policy.path;
  shown.default_version_id = version_id(policy.default_version);
  shown.attachment_count = use.attachments;
  shown.permissions_boundary_usage_count = use.boundaries;
  shown.is_attachable = policy.is_attachable;
  shown.create_date = policy.created;
  shown.update_date = policy.updated;
  return shown;
}

InstanceProfile show(const identity::InstanceProfile& profile, const identity::Snapshot& snapshot) {
  InstanceProfile shown;
  shown.path = profile.path;
  shown.instance_profile_name = profile.name;
  shown.instance_profile_id = profile.id;
  shown.arn = identity::arn_of(profile);
  shown.create_date = profile.created;
  if (const identity::Role* role = snapshot.find<identity::Role>(profile.role_id)) {
    shown.roles.push_back(show(*role, snapshot));
  }
  return shown;
}

RoleLastUsed show_last_used(const identity::Role& role,
                            const identity::Snapshot& snapshot,
                            Instant now) {
  const identity::LastUsed* used = snapshot.find<identity::LastUsed>(role.id);
  if (used == nullptr || used->at < now.plus_seconds(-kLastUsedDays * 86'400)) {
    return {};
  }
  return {.last_used_date = used->at, .region = used->region};
}

User show_root(const identity::Account& account, const identity::Snapshot& snapshot) {
  User shown;
  // Root has no path; its name is the alias, if there is one.
  shown.user_name = account.alias;
  shown.user_id = account.id;
  shown.arn = model::root_arn(account.id);
  shown.create_date = account.created;
  if (const identity::LastUsed* used = snapshot.find<identity::LastUsed>(account.id)) {
    shown.password_last_used = used->at;
  }
  return shown;
}

AttachedPermissionsBoundary show_boundary(std::string_view arn) {
  return {.permissions_boundary_type = "Policy", .permissions_boundary_arn = std::string(arn)};
}

std::string version_id(std::uint32_t number) {
  return concat("v", std::to_string(number));
}

}  // namespace signet::iam
