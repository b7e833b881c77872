#include "identity/entities.h"

#include "base/check.h"
#include "base/strings.h"
#include "model/arn.h"

namespace signet::identity {

const PolicyVersion* ManagedPolicy::version(std::uint32_t number) const {
  for (const PolicyVersion& candidate : versions) {
    if (candidate.number == number) {
      return &candidate;
    }
  }
  return nullptr;
}

const DocumentRef& ManagedPolicy::default_document() const {
  const PolicyVersion* found = version(default_version);
  SIGNET_CHECK(found != nullptr);
  return found->document;
}

std::string MfaDevice::key() const {
  const bool has_path = path.size() > 1 && !is_keyed_by_name;
  return fold_name(has_path ? concat(std::string_view(path).substr(1), name) : name);
}

std::string MfaDevice::serial() const {
  return model::iam_arn(account, "mfa", path, name);
}

std::string arn_of(const User& user) {
  return model::iam_arn(user.account, "user", user.path, user.name);
}

std::string arn_of(const Group& group) {
  return model::iam_arn(group.account, "group", group.path, group.name);
}

std::string arn_of(const Role& role) {
  return model::iam_arn(role.account, "role", role.path, role.name);
}

std::string arn_of(const ManagedPolicy& policy) {
  return model::iam_arn(policy.account, "policy", policy.path, policy.name);
}

std::string arn_of(const InstanceProfile& profile) {
  return model::iam_arn(profile.account, "instance-profile", profile.path, profile.name);
}

std::string fold_name(std::string_view name) {
  return to_lower(name);
}

}  // namespace signet::identity
