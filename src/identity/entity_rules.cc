#include "identity/entity_rules.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "facts/errors.h"

namespace signet::identity {
namespace {

std::unexpected<Error> refuse(std::string_view what, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("directory: ", what, ": ", why)));
}

void sort_unique(std::vector<std::string>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

Status normalize_inline(std::vector<InlinePolicy>& policies, std::string_view owner) {
  std::sort(policies.begin(), policies.end(), [](const InlinePolicy& a, const InlinePolicy& b) {
    return a.name < b.name;
  });
  for (const InlinePolicy& policy : policies) {
    if (policy.document == nullptr) {
      return refuse(owner, concat("inline policy ", policy.name, " has no document"));
    }
  }
  return {};
}

template <class T>
Status check_identity(const T& entity) {
  if (entity.id.empty() || entity.name.empty()) {
    return refuse(entity.account, "an entity without id or name");
  }
  return {};
}

}  // namespace

Status normalize(Account& account) {
  return account.id.empty() ? Status(refuse("account", "no id")) : Status();
}

Status normalize(User& user) {
  TRY_STATUS(check_identity(user));
  sort_unique(user.attached_policies);
  sort_unique(user.group_ids);
  return normalize_inline(user.inline_policies, user.id);
}

Status normalize(Group& group) {
  TRY_STATUS(check_identity(group));
  sort_unique(group.attached_policies);
  return normalize_inline(group.inline_policies, group.id);
}

Status normalize(Role& role) {
  TRY_STATUS(check_identity(role));
  if (role.trust_policy == nullptr) {
    return refuse(role.id, "a role without trust policy");
  }
  sort_unique(role.attached_policies);
  return normalize_inline(role.inline_policies, role.id);
}

Status normalize(ManagedPolicy& policy) {
  TRY_STATUS(check_identity(policy));
  std::uint32_t last = 0;
  for (const PolicyVersion& version : policy.versions) {
    if (version.document == nullptr || version.number <= last) {
      return refuse(policy.id, "policy versions are not ascending, or one has no document");
    }
    last = version.number;
  }
  if (policy.version(policy.default_version) == nullptr || policy.next_version <= last) {
    return refuse(policy.id, "no such default version, or the next version number was used");
  }
  return {};
}

Status normalize(AccessKey& key) {
  if (key.id.empty() || key.secret == nullptr || key.secret->empty()) {
    return refuse(key.id, "an access key without id or secret");
  }
  return {};
}

Status normalize(MfaDevice& device) {
  if (device.name.empty() || device.seed == nullptr) {
    return refuse(device.name, "an MFA device without name or seed");
  }
  if (!device.is_assigned && !device.user_id.empty()) {
    return refuse(device.name, "a device that is not assigned names a user");
  }
  return {};
}

Status normalize(InstanceProfile& profile) {
  return check_identity(profile);
}

Status normalize(Bucket& bucket) {
  return bucket.name.empty() ? Status(refuse("bucket", "no name")) : Status();
}

Status normalize(LastUsed& used) {
  return used.id.empty() ? Status(refuse("last used", "no id")) : Status();
}

Status normalize(Ticket& ticket) {
  return ticket.id_hash.empty() ? Status(refuse("ticket", "no id")) : Status();
}

Status normalize(SealingKey& key) {
  return key.bytes == nullptr ? Status(refuse("sealing key", "no bytes")) : Status();
}

Status normalize(OrgPolicies& policies) {
  if (policies.account.empty()) {
    return refuse("organization policies", "no account");
  }
  if (!policies.path.empty() && !policies.path.ends_with('/')) {
    return refuse(policies.account, "the path in the organization does not end in '/'");
  }
  for (const auto* levels : {&policies.scps, &policies.rcps}) {
    for (const OrgLevel& level : *levels) {
      const bool is_whole = std::all_of(level.policies.begin(),
                                        level.policies.end(),
                                        [](const OrgPolicy& p) { return p.document != nullptr; });
      if (!is_whole) {
        return refuse(policies.account, "an organization policy without document");
      }
    }
  }
  return {};
}

}  // namespace signet::identity
