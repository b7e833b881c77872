#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/random.h"
#include "base/result.h"
#include "crypto/key_wrap.h"
#include "identity/entities.h"

namespace signet::identity {

// The version of all records together (store/schema.h).
inline constexpr std::uint32_t kSchemaVersion = 2;

// Keys that hold wrapped data keys instead of records begin with this (docs/formats/store.md).
inline constexpr std::string_view kDataKeyPrefix = "g/datakey/";

// Under which key a record lies.
[[nodiscard]] std::string record_key(const Account& account);
[[nodiscard]] std::string record_key(const User& user);
[[nodiscard]] std::string record_key(const Group& group);
[[nodiscard]] std::string record_key(const Role& role);
[[nodiscard]] std::string record_key(const ManagedPolicy& policy);
[[nodiscard]] std::string record_key(const AccessKey& key);
[[nodiscard]] std::string record_key(const MfaDevice& device);
[[nodiscard]] std::string record_key(const InstanceProfile& profile);
[[nodiscard]] std::string record_key(const Bucket& bucket);
[[nodiscard]] std::string record_key(const LastUsed& used);
[[nodiscard]] std::string record_key(const Ticket& ticket);
[[nodiscard]] std::string record_key(const SealingKey& key);
[[nodiscard]] std::string record_key(const OrgPolicies& policies);

// The bytes of a record (docs/formats/records.md). T is any of the types above.
template <class T>
[[nodiscard]] std::string encode_record(const T& entity,
                                        const crypto::SecretBox& box,
                                        Random& random);

using AnyRecord = std::variant<Account,
                               User,
                               Group,
                               Role,
                               ManagedPolicy,
                               AccessKey,
                               MfaDevice,
                               InstanceProfile,
                               Bucket,
                               LastUsed,
                               Ticket,
                               SealingKey,
                               OrgPolicies>;

// The entity in a record. Refuses everything that encode_record() of this version does not write,
// and a record that lies under the wrong key: ServiceFailure whose cause names the key and the
// defect, never the content.
[[nodiscard]] Result<AnyRecord> decode_record(std::string_view key,
                                              std::string_view value,
                                              const crypto::SecretBox& box,
                                              DocumentPool& documents);

}  // namespace signet::identity
