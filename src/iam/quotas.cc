#include "iam/quotas.h"

#include <array>

#include "base/strings.h"
#include "iam/errors.h"

namespace signet::iam {

namespace {

struct QuotaRow {
  Quota quota;
  std::string_view name;
  std::size_t limit;
};

constexpr std::array<QuotaRow, 14> kQuotas = {{
    {Quota::UsersPerAccount, "UsersPerAccount", 5000},
    {Quota::GroupsPerAccount, "GroupsPerAccount", 300},
    {Quota::RolesPerAccount, "RolesPerAccount", 1000},
    {Quota::PoliciesPerAccount, "PoliciesPerAccount", 1500},
    {Quota::GroupsPerUser, "GroupsPerUser", 10},
    {Quota::PoliciesPerUser, "PoliciesPerUser", 10},
    {Quota::PoliciesPerGroup, "PoliciesPerGroup", 10},
    {Quota::PoliciesPerRole, "PoliciesPerRole", 10},
    {Quota::AccessKeysPerUser, "AccessKeysPerUser", 2},
    {Quota::VersionsPerPolicy, "VersionsPerPolicy", 5},
    {Quota::TagsPerEntity, "TagsPerEntity", 50},
    {Quota::InstanceProfilesPerAccount, "InstanceProfilesPerAccount", 1000},
    {Quota::MfaDevicesPerUser, "MFADevicesPerUser", 8},
    {Quota::VirtualMfaDevicesPerAccount, "VirtualMFADevicesPerAccount", 5000},
}};

constexpr bool is_in_enum_order() {
  for (std::size_t i = 0; i < kQuotas.size(); ++i) {
    if (static_cast<std::size_t>(kQuotas[i].quota) != i) {
      return false;
    }
  }
  return true;
}

static_assert(is_in_enum_order());

const QuotaRow& row_of(Quota quota) {
  return kQuotas[static_cast<std::size_t>(quota)];
}

}  // namespace

std::string_view name_of(Quota quota) {
  return row_of(quota).name;
}

std::size_t limit_of(const identity::Snapshot& snapshot, std::string_view account, Quota quota) {
  const identity::Account* owner = snapshot.find_account(account);
  if (owner == nullptr || owner->settings.empty()) {
    return row_of(quota).limit;
  }
  const std::string key = concat("quota.", row_of(quota).name);
  for (const model::Tag& setting : owner->settings) {
    if (setting.key == key) {
      const auto number = parse_decimal(setting.value);
      return number ? static_cast<std::size_t>(*number) : row_of(quota).limit;
    }
  }
  return row_of(quota).limit;
}

Status require_room(const identity::Snapshot& snapshot,
                    std::string_view account,
                    Quota quota,
                    std::size_t used) {
  const std::size_t limit = limit_of(snapshot, account, quota);
  if (used >= limit) {
    return quota_exceeded(name_of(quota), limit);
  }
  return {};
}

}  // namespace signet::iam
