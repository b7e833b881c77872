#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "iam/fixture_for_test.h"
#include "token/ids.h"

namespace signet::iam {

TEST(CreateAccessKey, ShowsTheSecretOnceAndStoresIt) {
  IamFixture world;
  world.make_user("bob");

  const auto made = world.call(CreateAccessKeyRequest{.user_name = "bob"});

  ASSERT_EQ(outcome(made), "ok");
  const AccessKey& key = made->access_key;
  EXPECT_EQ(key.user_name, "bob");
  EXPECT_EQ(key.status, "Active");
  EXPECT_EQ(key.access_key_id.size(), 20U);
  EXPECT_TRUE(key.access_key_id.starts_with("AKIA"));
  EXPECT_EQ(token::account_of(key.access_key_id), IamFixture::kAccount);
  EXPECT_EQ(key.secret_access_key.size(), 40U);
  EXPECT_EQ(key.create_date, world.now());
  const auto state = world.snapshot();
  const identity::AccessKey* stored = state->find<identity::AccessKey>(key.access_key_id);
  ASSERT_NE(stored, nullptr);
  EXPECT_TRUE(stored->secret->equals(key.secret_access_key.reveal(secret_access())));
  EXPECT_EQ(stored->user_id, state->find<identity::User>(IamFixture::kAccount, "bob")->id);
}

TEST(CreateAccessKey, StopsAtTwoInactiveOnesIncluded) {
  IamFixture world;
  world.make_user("bob");
  const auto first = world.call(CreateAccessKeyRequest{.user_name = "bob"});
  (void)world.call(UpdateAccessKeyRequest{
      .user_name = "bob", .access_key_id = first->access_key.access_key_id, .status = "Inactive"});
  (void)world.call(CreateAccessKeyRequest{.user_name = "bob"});

  EXPECT_EQ(outcome(world.call(CreateAccessKeyRequest{.user_name = "bob"})),
            "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
  EXPECT_EQ(outcome(world.call(CreateAccessKeyRequest{.user_name = "none"})),
            "NoSuchEntity: The user with name none cannot be found.");
}

TEST(AccessKeys, OfTheCallerNeedNoName) {
  IamFixture world;
  const model::Caller bob = world.make_caller("bob", kAllowAll);

  const auto made = world.call(bob, CreateAccessKeyRequest{});
  ASSERT_EQ(outcome(made), "ok");
  const std::string id = made->access_key.access_key_id;

  EXPECT_EQ(made->access_key.user_name, "bob");
  EXPECT_EQ(world.call(bob, ListAccessKeysRequest{})->access_key_metadata.size(), 1U);
  EXPECT_EQ(
      outcome(world.call(bob, UpdateAccessKeyRequest{.access_key_id = id, .status = "Inactive"})),
      "ok");
  EXPECT_EQ(world.call(bob, ListAccessKeysRequest{})->access_key_metadata.at(0).status, "Inactive");
  EXPECT_EQ(outcome(world.call(bob, DeleteAccessKeyRequest{.access_key_id = id})), "ok");
  EXPECT_EQ(world.call(bob, ListAccessKeysRequest{})->access_key_metadata.size(), 0U);
}

TEST(AccessKeys, OfRootAreRootsWhenNobodyIsNamed) {
  IamFixture world;
  world.make_user("bob");
  (void)world.call(CreateAccessKeyRequest{.user_name = "bob"});

  const auto made = world.call(CreateAccessKeyRequest{});

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->access_key.user_name, "");
  const auto list = world.call(ListAccessKeysRequest{});
  ASSERT_EQ(list->access_key_metadata.size(), 1U);
  EXPECT_EQ(list->access_key_metadata[0].access_key_id, made->access_key.access_key_id);
  EXPECT_FALSE(list->access_key_metadata[0].user_name);
  EXPECT_TRUE(
      world.snapshot()->find<identity::AccessKey>(made->access_key.access_key_id)->is_root());
}

TEST(AccessKeys, NeedANameFromRoles) {
  IamFixture world;
  world.make_role("r");
  const model::Caller session = world.session("r");
  const std::string expected =
      "ValidationError: Must specify userName when calling with non-User credentials";

  EXPECT_EQ(outcome(world.call(session, CreateAccessKeyRequest{})), expected);
  EXPECT_EQ(outcome(world.call(session, ListAccessKeysRequest{})), expected);
  EXPECT_EQ(
      outcome(world.call(session, DeleteAccessKeyRequest{.access_key_id = "AKIAIOSFODNN7EXAMPLE"})),
      expected);
  EXPECT_EQ(outcome(world.call(session,
                               UpdateAccessKeyRequest{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                                      .status = "Active"})),
            expected);
}

TEST(AccessKeys, OfSomebodyElseAreNotFound) {
  IamFixture world;
  world.make_user("bob");
  world.make_user("eve");
  const std::string id =
      world.call(CreateAccessKeyRequest{.user_name = "bob"})->access_key.access_key_id;
  const std::string expected = "NoSuchEntity: The Access Key with id " + id + " cannot be found.";

  EXPECT_EQ(outcome(world.call(DeleteAccessKeyRequest{.user_name = "eve", .access_key_id = id})),
            expected);
  EXPECT_EQ(outcome(world.call(UpdateAccessKeyRequest{
                .user_name = "eve", .access_key_id = id, .status = "Inactive"})),
            expected);
  EXPECT_EQ(outcome(world.call(DeleteAccessKeyRequest{.access_key_id = id})), expected);
  EXPECT_EQ(outcome(world.call(DeleteAccessKeyRequest{.user_name = "bob", .access_key_id = "X"})),
            "NoSuchEntity: The Access Key with id X cannot be found.");
  EXPECT_EQ(outcome(world.call(UpdateAccessKeyRequest{
                        .user_name = "bob", .access_key_id = id, .status = "Expired"}))
                .substr(0, 13),
            "InvalidInput:");
  EXPECT_EQ(outcome(world.call(DeleteAccessKeyRequest{.user_name = "no", .access_key_id = id})),
            "NoSuchEntity: The user with name no cannot be found.");
}

TEST(GetAccessKeyLastUsed, SaysNotApplicableBeforeTheFirstUse) {
  IamFixture world;
  world.make_user("bob");
  const std::string id =
      world.call(CreateAccessKeyRequest{.user_name = "bob"})->access_key.access_key_id;

  const auto unused = world.call(GetAccessKeyLastUsedRequest{.access_key_id = id});
  ASSERT_EQ(outcome(unused), "ok");
  EXPECT_EQ(unused->user_name, "bob");
  EXPECT_FALSE(unused->access_key_last_used->last_used_date);
  EXPECT_EQ(unused->access_key_last_used->service_name, "N/A");
  EXPECT_EQ(unused->access_key_last_used->region, "N/A");

  world.write([&](identity::Transaction& transaction) {
    transaction.put(identity::LastUsed{.account = std::string(IamFixture::kAccount),
                                       .id = id,
                                       .at = world.now(),
                                       .region = "us-east-1",
                                       .service = "iam"});
  });
  const auto used = world.call(GetAccessKeyLastUsedRequest{.access_key_id = id});
  EXPECT_EQ(used->access_key_last_used->last_used_date, world.now());
  EXPECT_EQ(used->access_key_last_used->service_name, "iam");
  EXPECT_EQ(used->access_key_last_used->region, "us-east-1");
}

TEST(GetAccessKeyLastUsed, DeniesUnknownKeysWithoutAColonWhoeverAsks) {
  IamFixture world;
  const std::string foreign =
      world.call(IamFixture::root(IamFixture::kOther), CreateAccessKeyRequest{})
          ->access_key.access_key_id;
  const model::Caller admin = world.make_caller("admin", kAllowAll);
  world.make_user("eve");

  for (const std::string& id : {std::string("AKIAIOSFODNN7EXAMPLE"), foreign}) {
    EXPECT_EQ(outcome(world.call(admin, GetAccessKeyLastUsedRequest{.access_key_id = id})),
              "AccessDenied: User: arn:aws:iam::111122223333:user/admin is not authorized to "
              "perform iam:GetAccessKeyLastUsed on resource: access key " +
                  id);
    EXPECT_EQ(
        outcome(world.call(world.user("eve"), GetAccessKeyLastUsedRequest{.access_key_id = id})),
        "AccessDenied: User: arn:aws:iam::111122223333:user/eve is not authorized to perform "
        "iam:GetAccessKeyLastUsed on resource: access key " +
            id);
  }
}

}  // namespace signet::iam
