#include "base/strings.h"
#include "identity/entity_rules.h"

namespace signet::identity {
namespace {

// Whether a policy ARN is one of AWS's own, which live in the catalogue.
bool is_aws_managed(std::string_view arn) {
  return arn.starts_with("arn:aws:iam::aws:policy/");
}

// A customer managed policy must be there and belong to the account that uses it.
std::string check_policy(const Snapshot& snapshot, std::string_view account, std::string_view arn) {
  if (arn.empty() || is_aws_managed(arn)) {
    return {};
  }
  const ManagedPolicy* policy = snapshot.find_policy(arn);
  return policy != nullptr && policy->account == account ? std::string()
                                                         : concat("no policy ", arn);
}

std::string check_policies(const Snapshot& snapshot,
                           std::string_view account,
                           const std::vector<std::string>& attached,
                           std::string_view boundary) {
  for (const std::string& arn : attached) {
    std::string defect = check_policy(snapshot, account, arn);
    if (!defect.empty()) {
      return defect;
    }
  }
  return check_policy(snapshot, account, boundary);
}

}  // namespace

std::string check_references(const Snapshot& snapshot, const User& user) {
  for (const std::string& id : user.group_ids) {
    const Group* group = snapshot.find_group_by_id(id);
    if (group == nullptr || group->account != user.account) {
      return concat("user ", user.id, ": no group ", id);
    }
  }
  return check_policies(snapshot, user.account, user.attached_policies, user.boundary);
}

std::string check_references(const Snapshot& snapshot, const Group& group) {
  return check_policies(snapshot, group.account, group.attached_policies, {});
}

std::string check_references(const Snapshot& snapshot, const Role& role) {
  return check_policies(snapshot, role.account, role.attached_policies, role.boundary);
}

std::string check_references(const Snapshot& snapshot, const AccessKey& key) {
  const User* user = key.is_root() ? nullptr : snapshot.find_user_by_id(key.user_id);
  const bool is_fine = key.is_root() || (user != nullptr && user->account == key.account);
  return is_fine ? std::string() : concat("access key ", key.id, ": no user ", key.user_id);
}

std::string check_references(const Snapshot& snapshot, const MfaDevice& device) {
  const User* user = device.user_id.empty() ? nullptr : snapshot.find_user_by_id(device.user_id);
  const bool is_fine =
      device.user_id.empty() || (user != nullptr && user->account == device.account);
  return is_fine ? std::string() : concat("MFA device ", device.name, ": no user ", device.user_id);
}

std::string check_references(const Snapshot& snapshot, const InstanceProfile& profile) {
  const Role* role = profile.role_id.empty() ? nullptr : snapshot.find_role_by_id(profile.role_id);
  const bool is_fine =
      profile.role_id.empty() || (role != nullptr && role->account == profile.account);
  return is_fine ? std::string()
                 : concat("instance profile ", profile.id, ": no role ", profile.role_id);
}

}  // namespace signet::identity
