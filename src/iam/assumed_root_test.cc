#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"
#include "model/arn.h"

// What sessions of AssumeRoot may do that root itself may not, and how their resources are called
// (new-in-2026 4).
namespace signet::iam {
namespace {

constexpr std::string_view kAccount = IamFixture::kAccount;

// Without a task policy: what it leaves is the authorizer's business.
model::Caller assumed_root() {
  model::Caller caller = IamFixture::root();
  model::Session session;
  session.kind = model::SessionKind::AssumedRoot;
  session.account = caller.account;
  session.principal_id = caller.account;
  caller.arn = model::assumed_root_arn(caller.account);
  caller.session = std::make_shared<const model::Session>(std::move(session));
  return caller;
}

void put_device(IamFixture& world, std::string name, bool is_assigned, std::string user_id = {}) {
  world.write([&](identity::Transaction& transaction) {
    identity::MfaDevice device;
    device.account = kAccount;
    device.name = name;
    device.seed = identity::make_shared_secret("seed");
    device.is_assigned = is_assigned;
    device.user_id = user_id;
    transaction.put(std::move(device));
  });
}

std::string resource_of(IamFixture& world, const model::Caller& caller, std::string_view device) {
  const auto checks = world.checks_of(
      caller,
      DeleteVirtualMFADeviceRequest{.serial_number = model::iam_arn(kAccount, "mfa", "/", device)});
  return checks ? checks->front().resource : outcome(checks);
}

}  // namespace

TEST(AssumedRoot, MakesShowsAndDeletesRootsLoginProfile) {
  IamFixture world;
  const auto present = [&] {
    return world.snapshot()->find<identity::Account>(kAccount)->root_login.has_value();
  };

  EXPECT_EQ(outcome(world.call(assumed_root(), GetLoginProfileRequest{})),
            "NoSuchEntity: Login Profile for User root cannot be found.");
  const auto made = world.call(assumed_root(), CreateLoginProfileRequest{});
  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->login_profile.user_name, "root");
  EXPECT_EQ(made->login_profile.password_reset_required, true);
  EXPECT_TRUE(present());
  EXPECT_EQ(outcome(world.call(assumed_root(), CreateLoginProfileRequest{})),
            "EntityAlreadyExists: Login Profile for user root already exists.");
  EXPECT_EQ(outcome(world.call(assumed_root(), GetLoginProfileRequest{})), "ok");
  EXPECT_EQ(outcome(world.call(assumed_root(), DeleteLoginProfileRequest{})), "ok");
  EXPECT_FALSE(present());
}

TEST(AssumedRoot, AloneMayLeaveOutUserAndPassword) {
  IamFixture world;
  world.make_user("bob");

  EXPECT_EQ(outcome(world.call(IamFixture::root(), CreateLoginProfileRequest{})).substr(0, 16),
            "ValidationError:");
  EXPECT_NE(outcome(world.call(IamFixture::root(), CreateLoginProfileRequest{.user_name = "bob"})),
            "ok");
}

TEST(AssumedRoot, SeesRootsDevicesAsRoot) {
  IamFixture world;
  world.make_user("bob");
  const std::string bob = world.snapshot()->find<identity::User>(kAccount, "bob")->id;
  put_device(world, "roots", true);
  put_device(world, "root-account-mfa-device", false);
  put_device(world, "bobs", true, bob);
  put_device(world, "free", false);
  const std::string root = model::root_arn(kAccount);

  EXPECT_EQ(resource_of(world, assumed_root(), "roots"), root);
  EXPECT_EQ(resource_of(world, assumed_root(), "root-account-mfa-device"), root);
  for (const char* device : {"bobs", "free", "absent"}) {
    EXPECT_EQ(resource_of(world, assumed_root(), device),
              model::iam_arn(kAccount, "mfa", "/", device));
  }
  EXPECT_EQ(resource_of(world, IamFixture::root(), "roots"),
            model::iam_arn(kAccount, "mfa", "/", "roots"));
}

}  // namespace signet::iam
