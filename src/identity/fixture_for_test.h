#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/assertion.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/strings.h"
#include "identity/catalogue.h"
#include "identity/directory.h"
#include "store/memory/memory_store.h"

namespace signet::identity {

// The same bytes in every run. For tests only.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      byte = static_cast<std::uint8_t>(state_ >> 56);
    }
  }

 private:
  std::uint64_t state_ = 1;
};

// A catalogue of one: AdministratorAccess.
class SmallCatalogue final : public PolicyCatalogue {
 public:
  SmallCatalogue() {
    policy_.account = "aws";
    policy_.id = "ANPAAWSADMIN";
    policy_.name = "AdministratorAccess";
    policy_.versions.push_back(
        {.number = 1,
         .document = make_document(
             R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"),
         .created = Instant{}});
  }

  const ManagedPolicy* find(std::string_view arn) const override {
    return arn == "arn:aws:iam::aws:policy/AdministratorAccess" ? &policy_ : nullptr;
  }

  std::span<const ManagedPolicy* const> all() const override { return all_; }

 private:
  ManagedPolicy policy_;
  std::array<const ManagedPolicy*, 1> all_ = {&policy_};
};

inline constexpr const char* kAccount = "111122223333";
inline constexpr const char* kOtherAccount = "444455556666";
inline constexpr const char* kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]})";
inline constexpr const char* kAllow =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})";

inline Account make_account(std::string id) {
  Account account;
  account.id = std::move(id);
  account.canonical_user_id = "canonical-" + account.id;
  return account;
}

inline User make_user(std::string id, std::string name) {
  User user;
  user.account = kAccount;
  user.id = std::move(id);
  user.name = std::move(name);
  return user;
}

inline Group make_group(std::string id, std::string name) {
  Group group;
  group.account = kAccount;
  group.id = std::move(id);
  group.name = std::move(name);
  return group;
}

inline Role make_role(std::string id, std::string name) {
  Role role;
  role.account = kAccount;
  role.id = std::move(id);
  role.name = std::move(name);
  role.trust_policy = make_document(kTrust);
  return role;
}

inline ManagedPolicy make_policy(std::string id, std::string name) {
  ManagedPolicy policy;
  policy.account = kAccount;
  policy.id = std::move(id);
  policy.name = std::move(name);
  policy.versions.push_back({.number = 1, .document = make_document(kAllow), .created = Instant{}});
  return policy;
}

inline AccessKey make_key(std::string id, std::string user_id) {
  AccessKey key;
  key.id = std::move(id);
  key.account = kAccount;
  key.user_id = std::move(user_id);
  key.secret = make_shared_secret("secret-of-" + key.id);
  return key;
}

inline MfaDevice make_device(std::string name) {
  MfaDevice device;
  device.account = kAccount;
  device.name = std::move(name);
  device.seed = make_shared_secret("seed-of-" + device.name);
  return device;
}

inline InstanceProfile make_profile(std::string id, std::string name, std::string role_id) {
  InstanceProfile profile;
  profile.account = kAccount;
  profile.id = std::move(id);
  profile.name = std::move(name);
  profile.role_id = std::move(role_id);
  return profile;
}

inline OidcProvider make_provider(std::string name) {
  OidcProvider provider;
  provider.account = kAccount;
  provider.name = std::move(name);
  return provider;
}

inline SamlProvider make_saml_provider(std::string name) {
  SamlProvider provider;
  provider.account = kAccount;
  provider.uuid = concat("UUID", name);
  provider.name = std::move(name);
  provider.issuers = {{.entity_id = "https://idp.example.com", .certificates = {"certificate"}}};
  return provider;
}

inline SshPublicKey make_ssh_key(std::string id, std::string user_id) {
  SshPublicKey key;
  key.account = kAccount;
  key.key = concat("key ", id);
  key.id = std::move(id);
  key.user_id = std::move(user_id);
  return key;
}

inline WebIdentityIssuer make_issuer(std::string id) {
  WebIdentityIssuer issuer;
  issuer.account = kAccount;
  issuer.id = std::move(id);
  return issuer;
}

inline IssuerKey make_issuer_key(std::string kid) {
  IssuerKey key;
  key.account = kAccount;
  key.private_key = make_shared_secret("private-" + kid);
  key.kid = std::move(kid);
  return key;
}

inline DeletionTask make_deletion_task(std::string id) {
  DeletionTask task;
  task.account = kAccount;
  task.id = std::move(id);
  return task;
}

inline LastAccess make_last_access(std::string id, std::string service, Instant at) {
  LastAccess access;
  access.account = kAccount;
  access.id = std::move(id);
  access.services = {
      {.service = std::move(service), .at = at, .region = "us-east-1", .actions = {}}};
  return access;
}

inline AccessReport make_report(std::string id) {
  AccessReport report;
  report.account = kAccount;
  report.id = std::move(id);
  return report;
}

inline DelegationRequest make_delegation(std::string id, std::string owner) {
  DelegationRequest request;
  request.account = kAccount;
  request.workflow = concat("flow of ", id);
  request.id = std::move(id);
  request.policy = make_document(kAllow);
  request.owner_arn = std::move(owner);
  request.owner_account = request.owner_arn.empty() ? "" : kOtherAccount;
  return request;
}

inline Notification make_notification(std::string id) {
  Notification notification;
  notification.account = kAccount;
  notification.id = std::move(id);
  notification.message = make_shared_secret("message");
  return notification;
}

inline TrustAnchor make_trust_anchor(std::string id, std::string alias = {}) {
  return {.account = kAccount,
          .id = std::move(id),
          .region = "eu-central-1",
          .name = "anchor",
          .bundle = "certificates",
          .notifications = {},
          .alias = std::move(alias),
          .tags = {}};
}

inline AnywhereProfile make_anywhere_profile(std::string id, std::string alias = {}) {
  AnywhereProfile profile;
  profile.account = kAccount;
  profile.id = std::move(id);
  profile.region = "eu-central-1";
  profile.name = "profile";
  profile.session_seconds = 3600;
  profile.alias = std::move(alias);
  return profile;
}

inline RevocationList make_revocation_list(std::string id, std::string anchor_id) {
  RevocationList list;
  list.account = kAccount;
  list.id = std::move(id);
  list.region = "eu-central-1";
  list.name = "list";
  list.anchor_id = std::move(anchor_id);
  list.data = "revoked";
  return list;
}

inline AnywhereSubject make_anywhere_subject(std::string id, std::string name) {
  AnywhereSubject subject;
  subject.account = kAccount;
  subject.id = std::move(id);
  subject.region = "eu-central-1";
  subject.name = std::move(name);
  return subject;
}

inline ServerCertificate make_server_certificate(std::string id, std::string name) {
  ServerCertificate certificate;
  certificate.account = kAccount;
  certificate.private_key = make_shared_secret("private key of " + id);
  certificate.id = std::move(id);
  certificate.name = std::move(name);
  certificate.body = "body";
  return certificate;
}

inline SigningCertificate make_signing_certificate(std::string id, std::string user_id) {
  SigningCertificate certificate;
  certificate.account = kAccount;
  certificate.body = concat("body ", id);
  certificate.id = std::move(id);
  certificate.user_id = std::move(user_id);
  return certificate;
}

inline ServiceCredential make_service_credential(std::string id,
                                                 std::string user_id,
                                                 std::string name) {
  ServiceCredential credential;
  credential.account = kAccount;
  credential.id = std::move(id);
  credential.user_id = std::move(user_id);
  credential.service = "codecommit.amazonaws.com";
  credential.name = std::move(name);
  credential.secret_digest = std::string(32, 'd');
  return credential;
}

inline CredentialReport make_credential_report(std::string content) {
  CredentialReport report;
  report.account = kAccount;
  report.content = std::move(content);
  return report;
}

inline Bucket make_bucket(std::string name) {
  Bucket bucket;
  bucket.name = std::move(name);
  bucket.account = kAccount;
  bucket.region = "us-east-1";
  return bucket;
}

// A directory over a store, with one account.
class Fixture {
 public:
  explicit Fixture(std::unique_ptr<store::Store> store = store::make_memory_store())
      : store_(std::move(store)) {
    reopen();
    SIGNET_ASSERT(directory_
                      ->apply([](const Snapshot&, Transaction& transaction) -> Status {
                        transaction.put(make_account(kAccount));
                        return {};
                      })
                      .has_value());
  }

  void reopen() {
    directory_.reset();
    auto opened = Directory::open(deps());
    SIGNET_ASSERT(opened.has_value());
    directory_ = std::move(*opened);
  }

  Directory::Deps deps() {
    return Directory::Deps{
        .store = *store_, .master_key = master_key_, .random = random_, .catalogue = &catalogue_};
  }

  Directory& directory() { return *directory_; }

  store::Store& store() { return *store_; }

  // Every record as it lies in the store.
  std::map<std::string, std::string> records() {
    std::map<std::string, std::string> all;
    const auto visit = [&all](const store::RecordView& record) -> Status {
      all.emplace(record.key, record.value);
      return {};
    };
    SIGNET_ASSERT(store_->load({}, visit).has_value());
    return all;
  }

 private:
  std::unique_ptr<store::Store> store_;
  Secret master_key_ = Secret(std::string(32, 'm'));
  CountingRandom random_;
  SmallCatalogue catalogue_;
  std::unique_ptr<Directory> directory_;
};

}  // namespace signet::identity
