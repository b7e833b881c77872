#include "identity/record.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "identity/record_fixture_for_test.h"

namespace signet::identity {
namespace {

LoginProfile some_login() {
  return {.password_hash = "$argon2id$x",
          .previous_hashes = {"a", "", "b"},
          .created = Instant{1},
          .changed = Instant{-2},
          .is_reset_required = true};
}

TEST_F(RecordTest, AccountKeepsEveryField) {
  Account in{.id = kAccount,
             .name = "Name",
             .email = "a@b",
             .alias = "alias",
             .canonical_user_id = "c",
             .created = Instant{1'700'000'000'123},
             .root_login = some_login(),
             .password_policy = PasswordPolicy{.minimum_length = 9,
                                               .requires_symbols = true,
                                               .max_age_days = 30,
                                               .reuse_prevention = 5,
                                               .hard_expiry = false},
             .global_endpoint_token_version = 2,
             .root_sessions_valid_after = Instant{77},
             .settings = {{"k", "v"}, {"", ""}},
             .properties = {{"RoleManager/Enabled", "true"}}};

  const Account out = round_trip(in);

  EXPECT_EQ(out.id, in.id);
  EXPECT_EQ(out.name, in.name);
  EXPECT_EQ(out.email, in.email);
  EXPECT_EQ(out.alias, in.alias);
  EXPECT_EQ(out.canonical_user_id, in.canonical_user_id);
  EXPECT_EQ(out.created, in.created);
  EXPECT_EQ(out.root_login->previous_hashes, in.root_login->previous_hashes);
  EXPECT_EQ(out.root_login->changed, in.root_login->changed);
  EXPECT_TRUE(out.root_login->is_reset_required);
  EXPECT_EQ(out.password_policy, in.password_policy);
  EXPECT_EQ(out.global_endpoint_token_version, 2u);
  EXPECT_EQ(out.root_sessions_valid_after, in.root_sessions_valid_after);
  EXPECT_EQ(out.settings, in.settings);
  EXPECT_EQ(out.properties, in.properties);
}

TEST_F(RecordTest, ZeroIsNotTheSameAsADefault) {
  Account in = make_account(kAccount);
  in.password_policy = PasswordPolicy{.minimum_length = 0};
  in.global_endpoint_token_version = 0;

  const Account out = round_trip(in);

  EXPECT_EQ(out.password_policy->minimum_length, 0u);
  EXPECT_FALSE(out.password_policy->hard_expiry.has_value());
  EXPECT_EQ(out.global_endpoint_token_version, 0u);
  EXPECT_FALSE(out.root_login.has_value());
}

TEST_F(RecordTest, UserAndGroupKeepEveryField) {
  User in = make_user("AIDA1", "Alice");
  in.path = "/p/";
  in.created = Instant{5};
  in.tags = {{"b", "2"}, {"a", ""}};
  in.inline_policies = {{"i", make_document(kAllow)}};
  in.attached_policies = {"arn:1", "arn:2"};
  in.boundary = "arn:3";
  in.group_ids = {"g1", "g2"};
  in.login = some_login();
  in.sessions_valid_after = Instant{6};
  Group group = make_group("AGPA1", "g");
  group.inline_policies = in.inline_policies;
  group.attached_policies = in.attached_policies;

  const User out = round_trip(in);
  const Group out_group = round_trip(group);

  EXPECT_EQ(out.name, in.name);
  EXPECT_EQ(out.path, in.path);
  EXPECT_EQ(out.tags, in.tags);
  EXPECT_EQ(out.inline_policies->at(0).document->text(), kAllow);
  EXPECT_EQ(out.attached_policies, in.attached_policies);
  EXPECT_EQ(out.boundary, in.boundary);
  EXPECT_EQ(out.group_ids, in.group_ids);
  EXPECT_EQ(out.login->password_hash, in.login->password_hash);
  EXPECT_EQ(out.sessions_valid_after, in.sessions_valid_after);
  EXPECT_EQ(out_group.attached_policies, group.attached_policies);
  EXPECT_EQ(out_group.inline_policies->at(0).name, "i");
}

TEST_F(RecordTest, RoleAndPolicyKeepEveryField) {
  Role in = make_role("AROA1", "R");
  in.description = "d";
  in.max_session_seconds = 43200;
  in.trust_pins = {{"arn:x", "AIDA1"}};
  in.tags = {{"k", "v"}};
  in.boundary = "arn:b";
  in.sessions_valid_after = Instant{9};
  ManagedPolicy policy = make_policy("ANPA1", "P");
  policy.description = "d";
  policy.versions.push_back({.number = 7, .document = make_document("x"), .created = Instant{8}});
  policy.default_version = 7;
  policy.next_version = 9;
  policy.is_attachable = false;

  const Role out = round_trip(in);
  const ManagedPolicy out_policy = round_trip(policy);

  EXPECT_EQ(out.trust_policy->text(), kTrust);
  EXPECT_EQ(out.trust_pins->at(0).id, "AIDA1");
  EXPECT_EQ(out.max_session_seconds, 43200u);
  EXPECT_EQ(out.description, "d");
  EXPECT_EQ(out.boundary, "arn:b");
  EXPECT_EQ(out.sessions_valid_after, in.sessions_valid_after);
  EXPECT_EQ(out_policy.versions.size(), 2u);
  EXPECT_EQ(out_policy.default_document()->text(), "x");
  EXPECT_EQ(out_policy.next_version, 9u);
  EXPECT_FALSE(out_policy.is_attachable);
}

TEST_F(RecordTest, ADeviceWithAPathLiesUnderItAndStaysWhereEarlierBuildsPutIt) {
  MfaDevice device = make_device("Phone");
  EXPECT_EQ(record_key(device), "a/111122223333/mfa/phone");
  device.path = "/Team/x/";
  EXPECT_EQ(record_key(device), "a/111122223333/mfa/team/x/phone");
  EXPECT_FALSE(round_trip(device).is_keyed_by_name);

  device.is_keyed_by_name = true;

  EXPECT_EQ(record_key(device), "a/111122223333/mfa/phone");
  EXPECT_TRUE(round_trip(device).is_keyed_by_name);
  EXPECT_EQ(round_trip(device).path, "/Team/x/");
}

TEST_F(RecordTest, TheRestKeepsEveryField) {
  AccessKey key = make_key("AKIA1", "AIDA1");
  key.status = KeyStatus::Inactive;
  key.created = Instant{4};
  MfaDevice device = make_device("D");
  device.is_assigned = true;
  device.user_id = "AIDA1";
  device.enabled = Instant{3};
  device.state = {.drift_steps = -4, .last_step = 123'456'789};
  Bucket bucket = make_bucket("b");
  bucket.policy = make_document("p");
  bucket.policy_pins = {{"a", "b"}};
  bucket.settings = {{"s", "t"}};
  const LastUsed used{
      .account = kAccount, .id = "AKIA1", .at = Instant{2}, .region = "r", .service = "s"};
  const Ticket ticket{.kind = TicketKind::ConsoleSession,
                      .id_hash = std::string("\0\xff", 2),
                      .account = kAccount,
                      .expires = Instant{1},
                      .data = make_shared_secret("payload"),
                      .holder = "ASIA1",
                      .session = SignInSession{.id = "uuid",
                                               .owner = "AIDA1",
                                               .issued = Instant{1},
                                               .last_used = Instant{2},
                                               .idle_seconds = 60,
                                               .client_id = "client",
                                               .origin = "other",
                                               .origin_account = kAccount,
                                               .user_agent = "agent",
                                               .region = "us-east-1"}};
  const SealingKey seal{.id = 12,
                        .bytes = make_shared_secret("ring"),
                        .not_before = Instant{1},
                        .not_after = Instant{2}};

  EXPECT_EQ(round_trip(key).status, KeyStatus::Inactive);
  EXPECT_EQ(round_trip(key).secret->reveal(secret_access()), "secret-of-AKIA1");
  EXPECT_EQ(round_trip(device).state.drift_steps, -4);
  EXPECT_EQ(round_trip(device).state.last_step, 123'456'789);
  EXPECT_EQ(round_trip(device).seed->reveal(secret_access()), "seed-of-D");
  EXPECT_EQ(round_trip(device).user_id, "AIDA1");
  EXPECT_EQ(round_trip(bucket).policy->text(), "p");
  EXPECT_EQ(round_trip(bucket).settings, bucket.settings);
  EXPECT_EQ(round_trip(make_bucket("c")).policy, nullptr);
  EXPECT_EQ(round_trip(used).at, used.at);
  EXPECT_EQ(round_trip(ticket).holder, "ASIA1");
  EXPECT_EQ(round_trip(ticket).data->reveal(secret_access()), "payload");
  EXPECT_EQ(round_trip(ticket).id_hash, ticket.id_hash);
  const SignInSession session = round_trip(ticket).session.value();
  EXPECT_EQ(session.id + session.owner + session.client_id + session.origin +
                session.origin_account + session.user_agent + session.region,
            std::string("uuidAIDA1clientother") + std::string(kAccount) + "agentus-east-1");
  EXPECT_EQ(session.issued, Instant{1});
  EXPECT_EQ(session.last_used, Instant{2});
  EXPECT_EQ(session.idle_seconds, 60U);
  EXPECT_EQ(round_trip(seal).bytes->reveal(secret_access()), "ring");
  EXPECT_EQ(round_trip(seal).not_after, seal.not_after);
  EXPECT_EQ(round_trip(make_profile("AIPA1", "n", "AROA1")).role_id, "AROA1");
}

TEST_F(RecordTest, OrganizationPoliciesKeepEveryLevelAlsoAnEmptyOne) {
  OrgPolicies in;
  in.account = kAccount;
  in.is_management = true;
  in.organization_id = "o-abc";
  in.path = "o-abc/r-1/";
  in.scps = {OrgLevel{{{"FullAWSAccess", make_document("x")}, {"two", make_document("y")}}},
             OrgLevel{}};
  in.rcps = {OrgLevel{}, OrgLevel{{{"r", make_document("z")}}}};
  in.is_management = true;
  in.has_iam_access = true;
  in.is_billing_only = true;
  in.delegated_administrator = kOtherAccount;
  in.root_features = {"RootCredentialsManagement", "RootSessions"};

  const OrgPolicies out = round_trip(in);

  EXPECT_TRUE(out.is_management);
  EXPECT_EQ(out.organization_id, "o-abc");
  EXPECT_EQ(out.path, "o-abc/r-1/");
  ASSERT_EQ(out.scps.size(), 2u);
  ASSERT_EQ(out.scps[0].policies.size(), 2u);
  EXPECT_EQ(out.scps[0].policies[1].name, "two");
  EXPECT_EQ(out.scps[0].policies[1].document->text(), "y");
  EXPECT_TRUE(out.scps[1].policies.empty());
  ASSERT_EQ(out.rcps.size(), 2u);
  EXPECT_TRUE(out.rcps[0].policies.empty());
  EXPECT_EQ(out.rcps[1].policies.at(0).document->text(), "z");
  EXPECT_TRUE(out.has_iam_access);
  EXPECT_TRUE(out.is_billing_only);
  EXPECT_EQ(out.delegated_administrator, kOtherAccount);
  EXPECT_EQ(out.root_features, in.root_features);
}

TEST_F(RecordTest, SecretsAreNotInTheBytes) {
  EXPECT_EQ(encode(make_key("AKIA1", "AIDA1")).find("secret-of"), std::string::npos);
  EXPECT_EQ(encode(make_device("D")).find("seed-of"), std::string::npos);
  EXPECT_EQ(encode(make_issuer_key("RSA_0")).find("private-"), std::string::npos);
}

TEST_F(RecordTest, ASecretOpensOnlyUnderItsOwnKeyAndDataKey) {
  const AccessKey key = make_key("AKIA0000000000000001", "AIDA1");
  AccessKey other = key;
  other.id = "AKIA0000000000000002";
  std::string moved = encode(key);
  moved.replace(moved.find(key.id), key.id.size(), other.id);

  EXPECT_NE(failure(record_key(other), moved).find("does not open"), std::string::npos);

  const std::string bytes = encode(key);
  box_ = crypto::SecretBox(one_key('z'));
  EXPECT_NE(failure(record_key(key), bytes).find("does not open"), std::string::npos);
}

TEST_F(RecordTest, RefusesARecordUnderAnotherKey) {
  const std::string value = encode(make_user("AIDA1", "a"));

  for (const char* key : {"a/111122223333/user/AIDA2",
                          "a/444455556666/user/AIDA1",
                          "a/111122223333/role/AIDA1",
                          ""}) {
    EXPECT_NE(failure(key, value), "") << key;
  }
}

TEST_F(RecordTest, RefusesEveryTruncationAndNamesTheKeyOnly) {
  const AccessKey key = make_key("AKIA1", "AIDA1");
  const std::string whole = encode(key);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cause = failure(record_key(key), whole.substr(0, size));
    EXPECT_NE(cause.find(record_key(key)), std::string::npos) << size;
  }
}

TEST_F(RecordTest, RefusesWhatThisVersionDoesNotWrite) {
  const std::string key = "g/bucket/b";
  const std::string frame("\x01\x09", 2);

  struct Case {
    const char* name;
    std::string bytes;
  };

  const std::string name_field(
      "\x0a\x01"
      "b",
      3);
  ASSERT_EQ(failure(key, frame + name_field), "");
  for (const Case& c : std::vector<Case>{
           {"newer format", std::string("\x02\x09", 2) + name_field},
           {"format 0", std::string("\x00\x09", 2) + name_field},
           {"kind 0", std::string("\x01\x00", 2) + name_field},
           {"unknown kind", std::string("\x01\x7f", 2) + name_field},
           {"another kind", std::string("\x01\x01", 2) + name_field},
           {"unknown field", frame + name_field + std::string("\x7a\x01x", 3)},
           {"field above all numbers", frame + name_field + std::string("\xfa\xff\x7f\x01x", 5)},
           {"field twice", frame + name_field + name_field},
           {"fields out of order",
            frame +
                std::string("\x12\x01"
                            "a",
                            3) +
                name_field},
           {"wrong wire", frame + std::string("\x08\x01", 2)},
           {"unknown wire", frame + std::string("\x0d\x01\x01\x01\x01", 5)},
           {"field 0",
            frame + std::string("\x02\x01"
                                "b",
                                3)},
           {"length beyond the end",
            frame + std::string("\x0a\x7f"
                                "b",
                                3)},
           {"varint of eleven bytes",
            frame + std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12)},
           {"varint beyond 64 bits",
            frame + name_field + std::string("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11)},
           {"trailing byte", frame + name_field + std::string("\x00", 1)},
           {"nested unknown field", frame + name_field + std::string("\x32\x03\x1a\x01x", 5)},
           {"nested cut off", frame + name_field + std::string("\x32\x02\x0a\x05", 4)},
       }) {
    EXPECT_NE(failure(key, c.bytes), "") << c.name;
  }
}

TEST_F(RecordTest, RefusesEnumeratorsAndFlagsOutOfRange) {
  const SealingKey seal{
      .id = 1, .bytes = make_shared_secret("x"), .not_before = Instant{}, .not_after = Instant{}};
  ASSERT_EQ(failure(record_key(seal), encode(seal)), "");
  const std::string used_key = "g/ticket/5/68";

  EXPECT_NE(failure(used_key, std::string("\x01\x0b\x08\x05\x12\x01h", 7)), "") << "ticket kind 5";
  EXPECT_NE(failure("g/ticket/0/68", std::string("\x01\x0b\x12\x01h", 5)), "") << "ticket kind 0";
  EXPECT_NE(failure("a/1/key/k",
                    std::string("\x01\x06\x0a\x01k\x12\x01"
                                "1\x28\x03",
                                10)),
            "")
      << "key status 3";
  EXPECT_NE(failure("a/1/policy/p",
                    std::string("\x01\x05\x0a\x01"
                                "1\x12\x01p\x60\x02",
                                10)),
            "")
      << "flag 2";
  EXPECT_NE(failure("g/seal/4294967296", std::string("\x01\x0c\x08\x80\x80\x80\x80\x10", 8)), "")
      << "33 bits";
}

}  // namespace
}  // namespace signet::identity
