#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base32.h"
#include "iam/fixture_for_test.h"
#include "mfa/totp.h"

namespace signet::iam {

namespace {

constexpr const char* kSerial = "arn:aws:iam::111122223333:mfa/phone";
constexpr const char* kWrongCode =
    "InvalidAuthenticationCode: Authentication code for device is not valid.";

class MfaDevices : public ::testing::Test {
 protected:
  MfaDevices() {
    world_.make_user("bob");
    world_.make_user("eve");
    seed_ = make_device("phone");
  }

  // The raw key, as somebody's phone has it.
  std::string make_device(std::string_view name) {
    const auto made =
        world_.call(CreateVirtualMFADeviceRequest{.virtual_mfa_device_name = std::string(name)});
    EXPECT_EQ(outcome(made), "ok");
    if (!made) {
      return {};
    }
    return codec::decode_base32(
               made->virtual_mfa_device.base32_string_seed->reveal(secret_access()))
        .value_or("");
  }

  // The code of a step, counted from now.
  std::string code(std::int64_t offset) {
    return mfa::totp_code(seed_, mfa::step_of(world_.now()) + offset);
  }

  std::string enable(std::string_view user, const std::string& code1, const std::string& code2) {
    return outcome(world_.call(EnableMFADeviceRequest{.user_name = std::string(user),
                                                      .serial_number = kSerial,
                                                      .authentication_code1 = code1,
                                                      .authentication_code2 = code2}));
  }

  void enable_for_bob() { ASSERT_EQ(enable("bob", code(-1), code(0)), "ok"); }

  std::string deactivate(std::string_view user) {
    return outcome(world_.call(
        DeactivateMFADeviceRequest{.user_name = std::string(user), .serial_number = kSerial}));
  }

  std::string remove() {
    return outcome(world_.call(DeleteVirtualMFADeviceRequest{.serial_number = kSerial}));
  }

  std::size_t count(const char* status) {
    const auto list = world_.call(ListVirtualMFADevicesRequest{.assignment_status = status});
    return list ? list->virtual_mfa_devices.size() : 999;
  }

  IamFixture world_;
  std::string seed_;
};

}  // namespace

TEST_F(MfaDevices, ShowTheirSeedOnceAsBase32AndPicture) {
  const auto made = world_.call(CreateVirtualMFADeviceRequest{
      .path = "/test//double/", .virtual_mfa_device_name = "d", .tags = {{"k", "v"}}});

  ASSERT_EQ(outcome(made), "ok");
  const VirtualMFADevice& device = made->virtual_mfa_device;
  EXPECT_EQ(device.serial_number, "arn:aws:iam::111122223333:mfa/test//double/d");
  EXPECT_EQ(device.base32_string_seed->size(), 64U);
  EXPECT_TRUE(device.qr_code_png->reveal(secret_access()).starts_with("\x89PNG"));
  EXPECT_EQ(device.tags->size(), 1U);
  EXPECT_FALSE(device.user);
  const auto listed = world_.call(ListVirtualMFADevicesRequest{});
  ASSERT_EQ(listed->virtual_mfa_devices.size(), 2U);
  for (const VirtualMFADevice& one : listed->virtual_mfa_devices) {
    EXPECT_FALSE(one.base32_string_seed);
    EXPECT_FALSE(one.qr_code_png);
    EXPECT_FALSE(one.tags);
    EXPECT_FALSE(one.enable_date);
  }
}

TEST_F(MfaDevices, HaveNamesThatAreUniqueInTheirPathWhateverCase) {
  const auto again = [&](CreateVirtualMFADeviceRequest request) {
    return outcome(world_.call(request));
  };

  EXPECT_EQ(again({.virtual_mfa_device_name = "PHONE"}),
            "EntityAlreadyExists: MFA device already exists.");
  EXPECT_EQ(again({.path = "/p/", .virtual_mfa_device_name = "phone"}), "ok");
  EXPECT_EQ(again({.path = "/p/", .virtual_mfa_device_name = "Phone"}),
            "EntityAlreadyExists: MFA device already exists.");
  EXPECT_EQ(again({.path = "/p/q/", .virtual_mfa_device_name = "phone"}), "ok");
  EXPECT_EQ(outcome(world_.call(DeleteVirtualMFADeviceRequest{
                .serial_number = "arn:aws:iam::111122223333:mfa/p/phone"})),
            "ok");
  EXPECT_EQ(again({.path = "/p/", .virtual_mfa_device_name = "phone"}), "ok");
  EXPECT_EQ(again({.virtual_mfa_device_name = "phone"}),
            "EntityAlreadyExists: MFA device already exists.");
  EXPECT_EQ(again({.virtual_mfa_device_name = "x", .tags = {{"a", "1"}, {"a", "2"}}}),
            "InvalidInput: Duplicate tag keys found.");
}

TEST_F(MfaDevices, AreEnabledByTwoConsecutiveCodes) {
  EXPECT_EQ(enable("bob", code(-1), code(0)), "ok");

  const auto listed = world_.call(ListMFADevicesRequest{.user_name = "bob"});
  ASSERT_EQ(listed->mfa_devices.size(), 1U);
  EXPECT_EQ(listed->mfa_devices[0].user_name, "bob");
  EXPECT_EQ(listed->mfa_devices[0].serial_number, kSerial);
  EXPECT_EQ(listed->mfa_devices[0].enable_date, world_.now());
  EXPECT_FALSE(*listed->is_truncated);
  const auto assigned = world_.call(ListVirtualMFADevicesRequest{.assignment_status = "Assigned"});
  ASSERT_EQ(assigned->virtual_mfa_devices.size(), 1U);
  EXPECT_EQ(assigned->virtual_mfa_devices[0].user->user_name, "bob");
  EXPECT_EQ(assigned->virtual_mfa_devices[0].enable_date, world_.now());
  EXPECT_EQ(count("Unassigned"), 0U);
  EXPECT_EQ(count("Any"), 1U);
  const auto own = world_.call(world_.make_caller("carol", kAllowAll), ListMFADevicesRequest{});
  EXPECT_EQ(own->mfa_devices.size(), 0U);
}

TEST_F(MfaDevices, RefuseCodesThatAreNotAConsecutivePair) {
  EXPECT_EQ(enable("bob", code(0), code(0)), kWrongCode);
  EXPECT_EQ(enable("bob", code(0), code(-1)), kWrongCode);
  EXPECT_EQ(enable("bob", code(-2), code(0)), kWrongCode);
  EXPECT_EQ(enable("bob", code(-9), code(-8)), kWrongCode);
  EXPECT_EQ(count("Assigned"), 0U);
}

TEST_F(MfaDevices, SlowDownGuessingEvenForTheRightPair) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(enable("bob", code(50), code(60)), kWrongCode);
  }

  EXPECT_EQ(enable("bob", code(-1), code(0)), kWrongCode);
  world_.advance_seconds(301);
  EXPECT_EQ(enable("bob", code(-1), code(0)), "ok");
}

TEST_F(MfaDevices, ReportTheUserBeforeTheDevice) {
  const auto call = [&](const char* user, const char* serial) {
    return outcome(world_.call(EnableMFADeviceRequest{.user_name = user,
                                                      .serial_number = serial,
                                                      .authentication_code1 = "000000",
                                                      .authentication_code2 = "000001"}));
  };

  EXPECT_EQ(call("nobody", "arn:aws:iam::111122223333:mfa/none"),
            "NoSuchEntity: The user with name nobody cannot be found.");
  EXPECT_EQ(call("bob", "arn:aws:iam::111122223333:mfa/none"),
            "NoSuchEntity: MFA Device with serial number arn:aws:iam::111122223333:mfa/none does "
            "not exist.");
  EXPECT_EQ(call("bob", "GAHT12345678"),
            "NoSuchEntity: MFA Device with serial number GAHT12345678 does not exist.");
}

TEST_F(MfaDevices, BelongToOneUserAtATime) {
  enable_for_bob();
  world_.advance_seconds(90);

  EXPECT_EQ(enable("eve", code(-1), code(0)), "EntityAlreadyExists: MFA Device is already in use.");
  EXPECT_EQ(enable("bob", code(-1), code(0)), "EntityAlreadyExists: MFA Device is already in use.");
  const std::string missing =
      concat("NoSuchEntity: MFA Device with serial number ", kSerial, " does not exist.");
  EXPECT_EQ(deactivate("eve"), missing);
  EXPECT_EQ(outcome(world_.call(GetMFADeviceRequest{.serial_number = kSerial, .user_name = "eve"})),
            missing);
  EXPECT_EQ(outcome(world_.call(ResyncMFADeviceRequest{.user_name = "eve",
                                                       .serial_number = kSerial,
                                                       .authentication_code1 = code(1),
                                                       .authentication_code2 = code(2)})),
            missing);
  EXPECT_EQ(outcome(world_.call(GetMFADeviceRequest{.serial_number = kSerial, .user_name = "bob"})),
            "ok");
}

TEST_F(MfaDevices, AreAtMostEightPerUser) {
  enable_for_bob();
  world_.write([&](identity::Transaction& transaction) {
    const std::string id = transaction.view().find<identity::User>(IamFixture::kAccount, "bob")->id;
    for (int i = 0; i < 7; ++i) {
      identity::MfaDevice device;
      device.account = IamFixture::kAccount;
      device.name = concat("d", std::to_string(i));
      device.seed = identity::make_shared_secret(std::string(40, 's'));
      device.is_assigned = true;
      device.user_id = id;
      transaction.put(std::move(device));
    }
  });
  seed_ = make_device("ninth");

  const auto ninth =
      world_.call(EnableMFADeviceRequest{.user_name = "bob",
                                         .serial_number = "arn:aws:iam::111122223333:mfa/ninth",
                                         .authentication_code1 = code(-1),
                                         .authentication_code2 = code(0)});

  EXPECT_EQ(outcome(ninth), "LimitExceeded: Cannot exceed quota for MFADevicesPerUser: 8");
}

TEST_F(MfaDevices, ResynchroniseAWanderingClock) {
  enable_for_bob();
  world_.advance_seconds(600);
  const auto resync = [&](std::int64_t first, std::int64_t second) {
    return outcome(world_.call(ResyncMFADeviceRequest{.user_name = "bob",
                                                      .serial_number = kSerial,
                                                      .authentication_code1 = code(first),
                                                      .authentication_code2 = code(second)}));
  };

  EXPECT_EQ(resync(10, 12), kWrongCode);
  EXPECT_EQ(resync(200, 201), kWrongCode);
  EXPECT_EQ(resync(9, 10), "ok");
  EXPECT_EQ(resync(9, 10), kWrongCode);
  EXPECT_EQ(world_.snapshot()->find<identity::MfaDevice>(kSerial)->state.drift_steps, 10);
}

TEST_F(MfaDevices, SpendCodesForGood) {
  const std::string first = code(-1);
  const std::string second = code(0);
  ASSERT_EQ(enable("bob", first, second), "ok");
  ASSERT_EQ(deactivate("bob"), "ok");

  EXPECT_EQ(enable("bob", first, second), kWrongCode);
  world_.advance_seconds(60);
  EXPECT_EQ(enable("eve", code(-1), code(0)), "ok");
}

TEST_F(MfaDevices, AreDeactivatedBeforeTheyAreDeleted) {
  enable_for_bob();

  EXPECT_EQ(remove(),
            "DeleteConflict: Cannot delete an MFA device that is in use, must deactivate it "
            "first.");
  EXPECT_EQ(deactivate("bob"), "ok");
  EXPECT_EQ(deactivate("bob"),
            concat("NoSuchEntity: MFA Device with serial number ", kSerial, " does not exist."));
  EXPECT_EQ(remove(), "ok");
  EXPECT_EQ(remove(),
            concat("NoSuchEntity: MFA Device with serial number ", kSerial, " does not exist."));
  EXPECT_EQ(count("Any"), 0U);
}

TEST_F(MfaDevices, KeepAUserFromBeingDeleted) {
  enable_for_bob();

  EXPECT_EQ(outcome(world_.call(DeleteUserRequest{.user_name = "bob"})),
            "DeleteConflict: Cannot delete entity, must delete MFA device first.");
}

TEST_F(MfaDevices, OfAnotherAccountAreOutOfReach) {
  const model::Caller other = IamFixture::root(IamFixture::kOther);

  EXPECT_EQ(outcome(world_.call(other, DeleteVirtualMFADeviceRequest{.serial_number = kSerial}))
                .substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(
                        other, TagMFADeviceRequest{.serial_number = kSerial, .tags = {{"a", "b"}}}))
                .substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(world_.call(other, ListVirtualMFADevicesRequest{})->virtual_mfa_devices.size(), 0U);
  EXPECT_EQ(outcome(world_.call(other, DeactivateMFADeviceRequest{.serial_number = kSerial})),
            concat("NoSuchEntity: MFA Device with serial number ", kSerial, " does not exist."));
}

TEST_F(MfaDevices, OfRootAreShownWithItsArn) {
  world_.write([&](identity::Transaction& transaction) {
    identity::MfaDevice device = *transaction.view().find<identity::MfaDevice>(kSerial);
    device.is_assigned = true;
    transaction.put(std::move(device));
  });

  const auto listed = world_.call(ListVirtualMFADevicesRequest{.assignment_status = "Assigned"});

  ASSERT_EQ(listed->virtual_mfa_devices.size(), 1U);
  EXPECT_EQ(listed->virtual_mfa_devices[0].user->arn, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(world_.call(ListMFADevicesRequest{})->mfa_devices.size(), 1U);
  EXPECT_EQ(outcome(world_.call(DeactivateMFADeviceRequest{.serial_number = kSerial})), "ok");
  EXPECT_EQ(world_.call(ListMFADevicesRequest{})->mfa_devices.size(), 0U);
}

TEST_F(MfaDevices, HaveTagsThatTellCasesApart) {
  const auto tag = [&](std::vector<Tag> tags) {
    return outcome(
        world_.call(TagMFADeviceRequest{.serial_number = kSerial, .tags = std::move(tags)}));
  };

  EXPECT_EQ(tag({{"b", "1"}, {"B", "2"}, {"aa", "3"}}), "ok");
  EXPECT_EQ(tag({{"b", "1"}, {"b", "2"}}), "InvalidInput: Duplicate tag keys found.");
  EXPECT_EQ(outcome(world_.call(
                UntagMFADeviceRequest{.serial_number = kSerial, .tag_keys = {"b", "no"}})),
            "ok");
  const auto tags = world_.call(ListMFADeviceTagsRequest{.serial_number = kSerial});
  ASSERT_EQ(tags->tags.size(), 2U);
  EXPECT_EQ(tags->tags[0].key, "B");
  EXPECT_EQ(tags->tags[1].key, "aa");
}

TEST_F(MfaDevices, PageByName) {
  make_device("a");
  const auto first = world_.call(ListVirtualMFADevicesRequest{.max_items = 1});
  ASSERT_TRUE(*first->is_truncated);
  const auto rest = world_.call(ListVirtualMFADevicesRequest{.marker = first->marker});

  ASSERT_EQ(rest->virtual_mfa_devices.size(), 1U);
  EXPECT_EQ(rest->virtual_mfa_devices[0].serial_number, kSerial);
  EXPECT_FALSE(rest->marker);
  EXPECT_EQ(outcome(world_.call(ListVirtualMFADevicesRequest{.assignment_status = "Assigned",
                                                             .marker = first->marker})),
            "ValidationError: Invalid Marker.");
}

}  // namespace signet::iam
