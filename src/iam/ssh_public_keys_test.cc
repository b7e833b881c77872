#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "crypto/rsa_keys_for_test.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

class SshPublicKeys : public ::testing::Test {
 protected:
  SshPublicKeys() { world_.make_user("bob"); }

  auto upload(std::string body, std::string user = "bob") {
    return world_.call(UploadSSHPublicKeyRequest{.user_name = std::move(user),
                                                 .ssh_public_key_body = std::move(body)});
  }

  std::string uploaded() {
    const auto answer = upload(concat("ssh-rsa ", crypto::kSshKey, " bob@laptop"));
    EXPECT_EQ(outcome(answer), "ok");
    return answer->ssh_public_key->ssh_public_key_id;
  }

  auto get(const std::string& id, const char* encoding) {
    return world_.call(
        GetSSHPublicKeyRequest{.user_name = "bob", .ssh_public_key_id = id, .encoding = encoding});
  }

  auto erase(const std::string& id, const char* user) {
    return world_.call(DeleteSSHPublicKeyRequest{.user_name = user, .ssh_public_key_id = id});
  }

  IamFixture world_;
};

TEST_F(SshPublicKeys, AreKeptAsTheyCameAndShownInEitherEncoding) {
  const auto answer = upload(concat("ssh-rsa ", crypto::kSshKey, " bob@laptop"));
  ASSERT_EQ(outcome(answer), "ok");
  const SSHPublicKey& key = *answer->ssh_public_key;
  EXPECT_TRUE(key.ssh_public_key_id.starts_with("APKA"));
  EXPECT_EQ(key.user_name, "bob");
  EXPECT_EQ(key.fingerprint, crypto::kSshKeyFingerprint);
  EXPECT_EQ(key.ssh_public_key_body, concat("ssh-rsa ", crypto::kSshKey, " bob@laptop"));
  EXPECT_EQ(key.status, "Active");
  EXPECT_EQ(key.upload_date, world_.now());

  EXPECT_EQ(get(key.ssh_public_key_id, "SSH")->ssh_public_key->ssh_public_key_body,
            concat("ssh-rsa ", crypto::kSshKey));
  EXPECT_EQ(get(key.ssh_public_key_id, "PEM")->ssh_public_key->ssh_public_key_body,
            crypto::kSshKeyPem);
}

TEST_F(SshPublicKeys, MayBePem) {
  const auto answer = upload(std::string(crypto::kSshKeyPem));
  ASSERT_EQ(outcome(answer), "ok");
  EXPECT_EQ(answer->ssh_public_key->fingerprint, crypto::kSshKeyFingerprint);
}

TEST_F(SshPublicKeys, OthersAreRefused) {
  const std::string unrecognized = "UnrecognizedPublicKeyEncoding: Invalid public key uploaded.";
  for (const char* body : {"x",
                           " ",
                           "ssh-rsa",
                           "ssh-rsa ",
                           "ssh-rsa !!!",
                           "ssh-rsa AAAA",
                           "-----BEGIN PUBLIC KEY-----",
                           "-----BEGIN RSA PRIVATE KEY-----"}) {
    EXPECT_EQ(outcome(upload(body)), unrecognized) << body;
  }
  EXPECT_EQ(outcome(upload(std::string(crypto::kSshKey))), unrecognized) << "no kind before it";
  EXPECT_EQ(outcome(upload(concat("ssh-rsa ", crypto::kEd25519Key))), unrecognized)
      << "the kind outside is not the kind inside";
  EXPECT_EQ(outcome(upload(concat("ssh-ed25519 ", crypto::kEd25519Key))),
            "InvalidPublicKey: The SSH public key must be an RSA key.");
  EXPECT_EQ(outcome(upload(concat("ssh-rsa ", crypto::kShortKey))),
            "InvalidPublicKey: Invalid body for public key");
  EXPECT_EQ(outcome(upload("x", "nobody")),
            "NoSuchEntity: The user with name nobody cannot be found.");
}

TEST_F(SshPublicKeys, OneKeyStandsOnceUnderAUser) {
  static_cast<void>(uploaded());
  EXPECT_TRUE(
      outcome(upload(std::string(crypto::kSshKeyPem))).starts_with("DuplicateSSHPublicKey: "))
      << "the same key, written differently";
  world_.make_user("carol");
  EXPECT_EQ(outcome(upload(std::string(crypto::kSshKeyPem), "carol")), "ok");
}

TEST_F(SshPublicKeys, AreListedSwitchedAndDeleted) {
  const std::string id = uploaded();
  const auto list = world_.call(ListSSHPublicKeysRequest{.user_name = "bob"});
  ASSERT_EQ(list->ssh_public_keys->size(), 1U);
  EXPECT_EQ(list->ssh_public_keys->front().ssh_public_key_id, id);
  EXPECT_EQ(list->is_truncated, false);

  const auto set = [&](const char* status) {
    return outcome(world_.call(
        UpdateSSHPublicKeyRequest{.user_name = "bob", .ssh_public_key_id = id, .status = status}));
  };
  EXPECT_EQ(set("Inactive"), "ok");
  EXPECT_EQ(get(id, "SSH")->ssh_public_key->status, "Inactive");
  EXPECT_TRUE(set("Expired").starts_with("InvalidInput: "));
  EXPECT_EQ(outcome(world_.call(DeleteUserRequest{.user_name = "bob"})),
            "DeleteConflict: Cannot delete entity, must remove referenced objects first.");

  world_.make_user("carol");
  const std::string missing =
      concat("NoSuchEntity: The Public Key with id ", id, " cannot be found.");
  EXPECT_EQ(outcome(erase(id, "carol")), missing) << "the key of another user";
  EXPECT_EQ(outcome(erase(id, "bob")), "ok");
  EXPECT_EQ(outcome(get(id, "SSH")), missing);
  EXPECT_TRUE(world_.call(ListSSHPublicKeysRequest{.user_name = "bob"})->ssh_public_keys->empty());
  EXPECT_EQ(outcome(world_.call(DeleteUserRequest{.user_name = "bob"})), "ok");
}

}  // namespace
}  // namespace signet::iam
