#include "identity/record.h"

#include <span>
#include <type_traits>
#include <utility>

#include "base/strings.h"
#include "codec/hex.h"
#include "facts/errors.h"
#include "identity/record_archive.h"
#include "identity/record_fields.h"

namespace signet::identity {
namespace {

std::string account_key(std::string_view account, std::string_view part, std::string_view id) {
  return concat("a/", account, "/", part, "/", id);
}

std::unexpected<Error> damaged(std::string_view key, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("record ", key, ": ", why)));
}

// Devices with a path once lay under their name: they stay there until they go.
void adopt_key(MfaDevice& device, std::string_view key) {
  device.is_keyed_by_name = device.path.size() > 1 && record_key(device) != key &&
                            account_key(device.account, "mfa", fold_name(device.name)) == key;
}

template <class T>
Result<AnyRecord> read_as(RecordReader& reader, std::string_view key) {
  T entity;
  Fields<T>::describe(reader, entity);
  reader.close();
  if (!reader.failure().empty()) {
    return damaged(key, reader.failure());
  }
  if constexpr (std::is_same_v<T, MfaDevice>) {
    adopt_key(entity, key);
  }
  if (record_key(entity) != key) {
    return damaged(key, "the content belongs under another key");
  }
  return AnyRecord(std::move(entity));
}

Result<AnyRecord> read_kind(RecordKind kind, RecordReader& reader, std::string_view key) {
  switch (kind) {
    case RecordKind::Account:
      return read_as<Account>(reader, key);
    case RecordKind::User:
      return read_as<User>(reader, key);
    case RecordKind::Group:
      return read_as<Group>(reader, key);
    case RecordKind::Role:
      return read_as<Role>(reader, key);
    case RecordKind::ManagedPolicy:
      return read_as<ManagedPolicy>(reader, key);
    case RecordKind::AccessKey:
      return read_as<AccessKey>(reader, key);
    case RecordKind::MfaDevice:
      return read_as<MfaDevice>(reader, key);
    case RecordKind::InstanceProfile:
      return read_as<InstanceProfile>(reader, key);
    case RecordKind::Bucket:
      return read_as<Bucket>(reader, key);
    case RecordKind::LastUsed:
      return read_as<LastUsed>(reader, key);
    case RecordKind::Ticket:
      return read_as<Ticket>(reader, key);
    case RecordKind::SealingKey:
      return read_as<SealingKey>(reader, key);
    case RecordKind::OrgPolicies:
      return read_as<OrgPolicies>(reader, key);
  }
  return damaged(key, "unknown kind");
}

}  // namespace

std::string record_key(const Account& account) {
  return concat("a/", account.id);
}

std::string record_key(const User& user) {
  return account_key(user.account, "user", user.id);
}

std::string record_key(const Group& group) {
  return account_key(group.account, "group", group.id);
}

std::string record_key(const Role& role) {
  return account_key(role.account, "role", role.id);
}

std::string record_key(const ManagedPolicy& policy) {
  return account_key(policy.account, "policy", policy.id);
}

std::string record_key(const AccessKey& key) {
  return account_key(key.account, "key", key.id);
}

std::string record_key(const MfaDevice& device) {
  return account_key(device.account, "mfa", device.key());
}

std::string record_key(const InstanceProfile& profile) {
  return account_key(profile.account, "profile", profile.id);
}

std::string record_key(const Bucket& bucket) {
  return concat("g/bucket/", bucket.name);
}

std::string record_key(const LastUsed& used) {
  return account_key(used.account, "used", used.id);
}

std::string record_key(const Ticket& ticket) {
  std::string key = concat("g/ticket/", std::to_string(static_cast<int>(ticket.kind)), "/");
  codec::append_hex(key,
                    std::span(reinterpret_cast<const std::uint8_t*>(ticket.id_hash.data()),
                              ticket.id_hash.size()));
  return key;
}

std::string record_key(const SealingKey& key) {
  return concat("g/seal/", std::to_string(key.id));
}

std::string record_key(const OrgPolicies& policies) {
  return account_key(policies.account, "org", "policies");
}

template <class T>
std::string encode_record(const T& entity, const crypto::SecretBox& box, Random& random) {
  const std::string key = record_key(entity);
  RecordWriter writer(key, box, random);
  writer.frame(Fields<T>::kKind);
  Fields<T>::describe(writer, entity);
  return writer.take();
}

template std::string encode_record(const Account&, const crypto::SecretBox&, Random&);
template std::string encode_record(const User&, const crypto::SecretBox&, Random&);
template std::string encode_record(const Group&, const crypto::SecretBox&, Random&);
template std::string encode_record(const Role&, const crypto::SecretBox&, Random&);
template std::string encode_record(const ManagedPolicy&, const crypto::SecretBox&, Random&);
template std::string encode_record(const AccessKey&, const crypto::SecretBox&, Random&);
template std::string encode_record(const MfaDevice&, const crypto::SecretBox&, Random&);
template std::string encode_record(const InstanceProfile&, const crypto::SecretBox&, Random&);
template std::string encode_record(const Bucket&, const crypto::SecretBox&, Random&);
template std::string encode_record(const LastUsed&, const crypto::SecretBox&, Random&);
template std::string encode_record(const Ticket&, const crypto::SecretBox&, Random&);
template std::string encode_record(const SealingKey&, const crypto::SecretBox&, Random&);
template std::string encode_record(const OrgPolicies&, const crypto::SecretBox&, Random&);

Result<AnyRecord> decode_record(std::string_view key,
                                std::string_view value,
                                const crypto::SecretBox& box,
                                DocumentPool& documents) {
  RecordReader reader(key, box, documents);
  const std::optional<RecordKind> kind = reader.open(value);
  if (!kind) {
    return damaged(key, reader.failure());
  }
  return read_kind(*kind, reader, key);
}

}  // namespace signet::identity
