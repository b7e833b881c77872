#include <gtest/gtest.h>

#include "base/strings.h"
#include "crypto/password_hash.h"
#include "iam/fixture_for_test.h"
#include "identity/passwords.h"

namespace signet::iam {

namespace {

constexpr const char* kGood = "Correct-horse-1";
constexpr const char* kBetter = "Battery-staple-2";
constexpr const char* kNonconforming =
    "PasswordPolicyViolation: Password does not conform to the account password policy.";

CreateLoginProfileRequest creation(const char* user, const char* password) {
  CreateLoginProfileRequest request;
  request.user_name = user;
  request.password.emplace(password);
  return request;
}

UpdateLoginProfileRequest update(const char* user, const char* password) {
  UpdateLoginProfileRequest request;
  request.user_name = user;
  request.password.emplace(password);
  return request;
}

ChangePasswordRequest change(const char* from, const char* to) {
  ChangePasswordRequest request;
  request.old_password = Secret(from);
  request.new_password = Secret(to);
  return request;
}

class LoginProfiles : public ::testing::Test {
 protected:
  LoginProfiles() {
    world_.make_user("bob");
    EXPECT_EQ(outcome(world_.call(creation("bob", kGood))), "ok");
  }

  const identity::LoginProfile& stored() {
    state_ = world_.snapshot();
    return *state_->find<identity::User>(IamFixture::kAccount, "bob")->login;
  }

  bool opens(const char* password) {
    return crypto::verify_password(stored().password_hash, password);
  }

  void allow_changes(std::int64_t reuse) {
    UpdateAccountPasswordPolicyRequest policy{.allow_users_to_change_password = true};
    if (reuse > 0) {
      policy.password_reuse_prevention = reuse;
    }
    ASSERT_EQ(outcome(world_.call(policy)), "ok");
  }

  IamFixture world_;
  std::shared_ptr<const identity::Snapshot> state_;
};

std::string fault_of(const identity::Account& account, std::string_view password) {
  const Status status = require_good_password(account, password);
  return status ? "ok" : status.error().message;
}

}  // namespace

TEST(Passwords, MeetThreeOfFourClassesByDefault) {
  identity::Account account;
  account.name = "Example-Corp-1";
  account.email = "Root1@example.com";

  EXPECT_EQ(fault_of(account, "Abcdefg1"), "ok");
  EXPECT_EQ(fault_of(account, "abcdef1!"), "ok");
  EXPECT_EQ(fault_of(account, "ABCDEF1'"), "ok");
  EXPECT_EQ(fault_of(account, "Abcde1!"), "Password should have a minimum length of 8");
  EXPECT_EQ(fault_of(account, "abcdefg1"),
            "Password should meet 1 more of the following requirements: Password should have at "
            "least one uppercase letter, Password should have at least one symbol");
  EXPECT_EQ(fault_of(account, "        "),
            "Password should meet 3 more of the following requirements: Password should have at "
            "least one uppercase letter, Password should have at least one lowercase letter, "
            "Password should have at least one number, Password should have at least one symbol");
  EXPECT_EQ(fault_of(account, "abc1"),
            "Password should have a minimum length of 8, Password should meet 1 more of the "
            "following requirements: Password should have at least one uppercase letter, Password "
            "should have at least one symbol");
  EXPECT_EQ(fault_of(account, "example-corp-1"),
            "Password does not conform to the account password policy.");
  EXPECT_EQ(fault_of(account, "root1@Example.com"),
            "Password does not conform to the account password policy.");
}

TEST(Passwords, MeetTheAccountsOwnPolicyInstead) {
  identity::Account account;
  account.password_policy = identity::PasswordPolicy{};

  EXPECT_EQ(fault_of(account, "aaaaaa"), "ok");
  EXPECT_EQ(fault_of(account, "aaaaa"), "Password should have a minimum length of 6");
  account.password_policy->minimum_length = 12;
  account.password_policy->requires_symbols = true;
  account.password_policy->requires_uppercase = true;
  EXPECT_EQ(fault_of(account, "abcdef1"),
            "Password should have a minimum length of 12, Password should have at least one "
            "uppercase letter, Password should have at least one symbol");
  EXPECT_EQ(fault_of(account, "Abcdefghijk~"), "Password should have at least one symbol");
  EXPECT_EQ(fault_of(account, "Abcdefghijk!"), "ok");
  // Twelve characters, not twelve bytes.
  EXPECT_EQ(fault_of(account, "A\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4!"),
            "Password should have a minimum length of 12");
}

TEST_F(LoginProfiles, KeepAHashOnly) {
  EXPECT_TRUE(stored().password_hash.starts_with("$argon2id$"));
  EXPECT_TRUE(opens(kGood));
  EXPECT_FALSE(opens(kBetter));
  EXPECT_EQ(stored().created, world_.now());
}

TEST_F(LoginProfiles, BoundTheSignIn) {
  CreateLoginProfileRequest request = creation("carol", kGood);
  request.max_signin_session_duration = 86'400;
  world_.make_user("carol");
  EXPECT_EQ(world_.call(request)->login_profile.max_signin_session_duration, 86'400);
  const auto shown = [&] {
    return world_.call(GetLoginProfileRequest{.user_name = "carol"})
        ->login_profile.max_signin_session_duration;
  };
  EXPECT_EQ(outcome(world_.call(UpdateLoginProfileRequest{.user_name = "carol"})), "ok");
  EXPECT_EQ(shown(), 86'400);
  UpdateLoginProfileRequest both{.user_name = "carol"};
  both.max_signin_session_duration = 3600;
  both.reset_max_signin_session_duration = true;
  EXPECT_TRUE(outcome(world_.call(both)).starts_with("InvalidInput: "));
  EXPECT_EQ(shown(), 86'400);
  both.max_signin_session_duration.reset();
  EXPECT_EQ(outcome(world_.call(both)), "ok");
  EXPECT_EQ(shown(), std::nullopt);
}

TEST_F(LoginProfiles, SayWhetherAResetIsRequired) {
  world_.make_user("carol");
  CreateLoginProfileRequest request = creation("carol", kGood);
  request.password_reset_required = true;

  const auto made = world_.call(request);
  const auto got = world_.call(GetLoginProfileRequest{.user_name = "bob"});

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_EQ(made->login_profile.user_name, "carol");
  EXPECT_EQ(made->login_profile.password_reset_required, true);
  EXPECT_EQ(got->login_profile.password_reset_required, false);
}

TEST_F(LoginProfiles, RefuseWhatIsMissingOrThere) {
  world_.make_user("none");

  EXPECT_EQ(outcome(world_.call(creation("nobody", kGood))),
            "NoSuchEntity: The user with name nobody cannot be found.");
  EXPECT_EQ(outcome(world_.call(creation("BOB", kGood))),
            "EntityAlreadyExists: Login Profile for user bob already exists.");
  EXPECT_EQ(outcome(world_.call(creation("none", "short"))).substr(0, 24),
            "PasswordPolicyViolation:");
  EXPECT_EQ(outcome(world_.call(CreateLoginProfileRequest{.user_name = "none"})),
            "ValidationError: 1 validation error detected: Value at 'password' failed to satisfy "
            "constraint: Member must not be null");
  const std::string missing = "NoSuchEntity: Login Profile for User none cannot be found.";
  EXPECT_EQ(outcome(world_.call(GetLoginProfileRequest{.user_name = "none"})), missing);
  EXPECT_EQ(outcome(world_.call(DeleteLoginProfileRequest{.user_name = "none"})), missing);
  EXPECT_EQ(outcome(world_.call(update("none", kGood))), missing);
  EXPECT_EQ(outcome(world_.call(GetLoginProfileRequest{})),
            "ValidationError: Must specify userName when calling with non-User credentials");
}

TEST_F(LoginProfiles, AreUpdatedInWhatTheRequestNames) {
  const identity::LoginProfile before = stored();
  world_.advance_seconds(10);
  EXPECT_EQ(outcome(world_.call(UpdateLoginProfileRequest{.user_name = "bob"})), "ok");
  EXPECT_EQ(stored().password_hash, before.password_hash);
  EXPECT_EQ(stored().changed, before.changed);
  EXPECT_FALSE(stored().is_reset_required);

  UpdateLoginProfileRequest reset{.user_name = "bob"};
  reset.password_reset_required = true;
  EXPECT_EQ(outcome(world_.call(reset)), "ok");
  EXPECT_TRUE(stored().is_reset_required);
  EXPECT_EQ(outcome(world_.call(update("bob", "weak"))).substr(0, 24), "PasswordPolicyViolation:");
  EXPECT_TRUE(opens(kGood));
  EXPECT_EQ(outcome(world_.call(update("bob", kBetter))), "ok");
  EXPECT_TRUE(opens(kBetter));
  EXPECT_FALSE(opens(kGood));
  EXPECT_EQ(stored().created, before.created);
  EXPECT_EQ(stored().changed, world_.now());
}

TEST_F(LoginProfiles, AreDeleted) {
  EXPECT_EQ(outcome(world_.call(DeleteUserRequest{.user_name = "bob"})),
            "DeleteConflict: Cannot delete entity, must delete login profile first.");
  EXPECT_EQ(outcome(world_.call(DeleteLoginProfileRequest{.user_name = "bob"})), "ok");
  EXPECT_EQ(outcome(world_.call(GetLoginProfileRequest{.user_name = "bob"})),
            "NoSuchEntity: Login Profile for User bob cannot be found.");
  EXPECT_EQ(outcome(world_.call(DeleteUserRequest{.user_name = "bob"})), "ok");
}

TEST_F(LoginProfiles, AreChangedByIamUsersOnly) {
  world_.make_role("r");
  const char* told = "InvalidUserType: Only IAM Users can change their own password";

  EXPECT_EQ(outcome(world_.call(change(kGood, kBetter))), told);
  EXPECT_EQ(outcome(world_.call(world_.session("r"), change(kGood, kBetter))), told);
  EXPECT_EQ(outcome(world_.call(model::Caller{}, change(kGood, kBetter))), told);
  EXPECT_TRUE(opens(kGood));
}

TEST_F(LoginProfiles, AreChangedWithThePermission) {
  const model::Caller bob = world_.user("bob");
  EXPECT_EQ(outcome(world_.call(bob, change(kGood, kBetter))),
            "AccessDenied: User: arn:aws:iam::111122223333:user/bob is not authorized to perform: "
            "iam:ChangePassword on resource: user bob because no identity-based policy allows the "
            "iam:ChangePassword action");
  allow_changes(0);

  EXPECT_EQ(outcome(world_.call(bob, change("Wrong-horse-9", kBetter))),
            "AccessDenied: The old password was incorrect.");
  EXPECT_EQ(outcome(world_.call(bob, change("Wrong-horse-9", "x"))),
            "AccessDenied: The old password was incorrect.");
  EXPECT_EQ(outcome(world_.call(bob, change(kGood, "x"))).substr(0, 24),
            "PasswordPolicyViolation:");
  EXPECT_TRUE(opens(kGood));
  EXPECT_EQ(outcome(world_.call(bob, change(kGood, kBetter))), "ok");
  EXPECT_TRUE(opens(kBetter));
  EXPECT_EQ(outcome(world_.call(bob, change(kGood, kBetter))),
            "AccessDenied: The old password was incorrect.");
}

TEST_F(LoginProfiles, AreNotOpenedByTheAccountsGrantAgainstADeny) {
  const model::Caller denied =
      world_.make_caller("denied",
                         R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny",)"
                         R"("Action":"iam:ChangePassword","Resource":"*"}]})");
  ASSERT_EQ(outcome(world_.call(creation("denied", kGood))), "ok");
  const std::string arn = world_.make_policy("boundary");
  world_.make_user("bounded");
  ASSERT_EQ(outcome(world_.call(creation("bounded", kGood))), "ok");
  const std::string reader(IamFixture::kReadOnly);
  ASSERT_EQ(outcome(world_.call(CreatePolicyRequest{
                .policy_name = "narrow",
                .policy_document = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                                   R"("Action":"s3:*","Resource":"*"}]})"})),
            "ok");
  ASSERT_EQ(outcome(world_.call(PutUserPermissionsBoundaryRequest{
                .user_name = "bounded",
                .permissions_boundary = "arn:aws:iam::111122223333:policy/narrow"})),
            "ok");
  allow_changes(0);

  EXPECT_EQ(outcome(world_.call(denied, change(kGood, kBetter))).substr(0, 13), "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(world_.user("bounded"), change(kGood, kBetter))).substr(0, 13),
            "AccessDenied:");
  EXPECT_EQ(outcome(world_.call(world_.user("bob"), update("denied", kBetter))).substr(0, 13),
            "AccessDenied:");
}

TEST_F(LoginProfiles, WithoutAPasswordCannotBeChanged) {
  world_.make_user("none");
  allow_changes(0);

  EXPECT_EQ(outcome(world_.call(world_.user("none"), change(kGood, kBetter))),
            "NoSuchEntity: Login Profile for User none cannot be found.");
}

TEST_F(LoginProfiles, RememberAsManyPasswordsAsThePolicySays) {
  const model::Caller bob = world_.user("bob");
  allow_changes(2);

  EXPECT_EQ(outcome(world_.call(bob, change(kGood, kGood))), kNonconforming);
  EXPECT_EQ(outcome(world_.call(bob, change(kGood, "Second-pass-2"))), "ok");
  EXPECT_EQ(outcome(world_.call(bob, change("Second-pass-2", kGood))), kNonconforming);
  EXPECT_EQ(outcome(world_.call(update("bob", kGood))), kNonconforming);
  EXPECT_EQ(outcome(world_.call(bob, change("Second-pass-2", "Third-pass-3"))), "ok");
  EXPECT_EQ(outcome(world_.call(bob, change("Third-pass-3", kGood))), "ok");
  EXPECT_LE(stored().previous_hashes.size(), 2U);
}

TEST_F(LoginProfiles, ForgetOldHashesWhenNothingAsksForThem) {
  EXPECT_EQ(outcome(world_.call(update("bob", kBetter))), "ok");

  EXPECT_TRUE(stored().previous_hashes.empty());
  EXPECT_EQ(outcome(world_.call(update("bob", kGood))), "ok");
}

TEST_F(LoginProfiles, ChangedMeanwhileAreNotOverwritten) {
  const model::Caller bob = world_.user("bob");
  allow_changes(0);

  const std::string told = outcome(world_.call_between(
      bob, change(kGood, kBetter), [&] { (void)world_.call(update("bob", "Third-pass-3")); }));

  EXPECT_EQ(told, "AccessDenied: The old password was incorrect.");
  EXPECT_TRUE(opens("Third-pass-3"));
}

TEST(PasswordPolicyOfAccount, IsReplacedAsAWhole) {
  IamFixture world;
  UpdateAccountPasswordPolicyRequest full{.minimum_password_length = 12,
                                          .require_symbols = true,
                                          .max_password_age = 90,
                                          .password_reuse_prevention = 5,
                                          .hard_expiry = false};
  ASSERT_EQ(outcome(world.call(full)), "ok");
  auto shown = world.call(GetAccountPasswordPolicyRequest{});
  ASSERT_EQ(outcome(shown), "ok");
  EXPECT_EQ(shown->password_policy.minimum_password_length, 12);
  EXPECT_EQ(shown->password_policy.require_symbols, true);
  EXPECT_EQ(shown->password_policy.require_numbers, false);
  EXPECT_EQ(shown->password_policy.expire_passwords, true);
  EXPECT_EQ(shown->password_policy.max_password_age, 90);
  EXPECT_EQ(shown->password_policy.password_reuse_prevention, 5);
  EXPECT_EQ(shown->password_policy.hard_expiry, false);

  ASSERT_EQ(outcome(world.call(UpdateAccountPasswordPolicyRequest{})), "ok");
  shown = world.call(GetAccountPasswordPolicyRequest{});
  EXPECT_EQ(shown->password_policy.minimum_password_length, 6);
  EXPECT_EQ(shown->password_policy.require_symbols, false);
  EXPECT_EQ(shown->password_policy.allow_users_to_change_password, false);
  EXPECT_EQ(shown->password_policy.expire_passwords, false);
  EXPECT_FALSE(shown->password_policy.max_password_age);
  EXPECT_FALSE(shown->password_policy.password_reuse_prevention);
  EXPECT_FALSE(shown->password_policy.hard_expiry);
}

TEST(PasswordPolicyOfAccount, MissingIsSaidInTwoWays) {
  IamFixture world;
  const auto get = [&] {
    return outcome(world.call(GetAccountPasswordPolicyRequest{}));
  };
  const auto erase = [&] {
    return outcome(world.call(DeleteAccountPasswordPolicyRequest{}));
  };

  EXPECT_EQ(get(),
            "NoSuchEntity: The Password Policy with domain name 111122223333 cannot be found.");
  EXPECT_EQ(erase(), "NoSuchEntity: The account policy with name PasswordPolicy cannot be found.");
  ASSERT_EQ(outcome(world.call(UpdateAccountPasswordPolicyRequest{})), "ok");
  EXPECT_EQ(erase(), "ok");
  EXPECT_EQ(erase(), "NoSuchEntity: The account policy with name PasswordPolicy cannot be found.");
}

}  // namespace signet::iam
