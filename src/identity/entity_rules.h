#pragma once

#include <string>

#include "base/result.h"
#include "identity/snapshot.h"

namespace signet::identity {

// Brings an entity into the form in which it is kept (lists sorted, without repeats), and refuses
// with ServiceFailure what is wrong in itself, whatever else exists.
[[nodiscard]] Status normalize(Account& account);
[[nodiscard]] Status normalize(User& user);
[[nodiscard]] Status normalize(Group& group);
[[nodiscard]] Status normalize(Role& role);
[[nodiscard]] Status normalize(ManagedPolicy& policy);
[[nodiscard]] Status normalize(AccessKey& key);
[[nodiscard]] Status normalize(MfaDevice& device);
[[nodiscard]] Status normalize(InstanceProfile& profile);
[[nodiscard]] Status normalize(Bucket& bucket);
[[nodiscard]] Status normalize(LastUsed& used);
[[nodiscard]] Status normalize(Ticket& ticket);
[[nodiscard]] Status normalize(SealingKey& key);
[[nodiscard]] Status normalize(OrgPolicies& policies);

// What an entity refers to and does not find; empty if all is there. AWS-managed policies are not
// looked for: a policy that left the catalogue must not make a store unreadable (it denies
// instead).
[[nodiscard]] std::string check_references(const Snapshot& snapshot, const User& user);
[[nodiscard]] std::string check_references(const Snapshot& snapshot, const Group& group);
[[nodiscard]] std::string check_references(const Snapshot& snapshot, const Role& role);
[[nodiscard]] std::string check_references(const Snapshot& snapshot, const AccessKey& key);
[[nodiscard]] std::string check_references(const Snapshot& snapshot, const MfaDevice& device);
[[nodiscard]] std::string check_references(const Snapshot& snapshot,
                                           const InstanceProfile& profile);

}  // namespace signet::identity
