#include "authn/mfa_gate.h"

#include <array>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "facts/errors.h"
#include "identity/fixture_for_test.h"
#include "mfa/totp.h"

namespace signet::authn {
namespace {

using mfa::Outcome;

constexpr Instant kNow = Instant::from_seconds(1'790'000'010);

identity::MfaDevice device_of(std::string_view seed = "a seed of twenty bytes") {
  identity::MfaDevice device = identity::make_device("phone");
  device.seed = identity::make_shared_secret(std::string(seed));
  device.is_assigned = true;
  device.user_id = "AIDAALICE";
  return device;
}

std::string code_at(const identity::MfaDevice& device, Instant time) {
  return mfa::totp_code(device.seed->reveal(secret_access()), mfa::step_of(time));
}

std::string wrong_code(const identity::MfaDevice& device) {
  for (int number = 0;; ++number) {
    std::string text = std::to_string(100'000 + number);
    bool is_valid = false;
    for (int step = -3; step <= 3; ++step) {
      is_valid = is_valid || text == code_at(device, kNow.plus_seconds(30 * step));
    }
    if (!is_valid) {
      return text;
    }
  }
}

TEST(MfaGate, ACodeWorksOnceAlthoughTheRecordStillSaysUnused) {
  MfaGate gate;
  const identity::MfaDevice device = device_of();
  EXPECT_EQ(gate.accept(device, code_at(device, kNow), kNow), Outcome::Accepted);
  EXPECT_EQ(gate.accept(device, code_at(device, kNow), kNow), Outcome::Replayed);
  EXPECT_EQ(gate.accept(device, code_at(device, kNow.plus_seconds(-30)), kNow), Outcome::Replayed);
}

TEST(MfaGate, ACodeThatTheRecordSaysIsSpentIsRefusedAfterARestart) {
  MfaGate before;
  identity::MfaDevice device = device_of();
  ASSERT_EQ(before.accept(device, code_at(device, kNow), kNow), Outcome::Accepted);
  before.store_into(device);
  EXPECT_EQ(device.state.last_step, mfa::step_of(kNow));

  MfaGate after;
  EXPECT_EQ(after.accept(device, code_at(device, kNow), kNow), Outcome::Replayed);
  const Instant later = kNow.plus_seconds(30);
  EXPECT_EQ(after.accept(device, code_at(device, later), later), Outcome::Accepted);
}

TEST(MfaGate, OfTwoThreadsWithOneCodeOnePasses) {
  const identity::MfaDevice device = device_of();
  for (int round = 0; round < 50; ++round) {
    MfaGate gate;
    const std::string code = code_at(device, kNow);
    std::atomic<int> accepted = 0;
    std::atomic<int> waiting = 2;
    const auto use = [&] {
      waiting.fetch_sub(1);
      while (waiting.load() > 0) {
      }
      accepted.fetch_add(gate.accept(device, code, kNow) == Outcome::Accepted ? 1 : 0);
    };
    std::thread other(use);
    use();
    other.join();
    ASSERT_EQ(accepted.load(), 1) << "round " << round;
  }
}

TEST(MfaGate, FiveWrongCodesShutTheDeviceForAWhileEvenForTheRightOne) {
  MfaGate gate;
  const identity::MfaDevice device = device_of();
  for (std::size_t i = 0; i < mfa::Throttle::kMaxWrong; ++i) {
    EXPECT_EQ(gate.accept(device, wrong_code(device), kNow), Outcome::Wrong);
  }
  EXPECT_EQ(gate.accept(device, code_at(device, kNow), kNow), Outcome::Throttled);
  const Instant later = kNow.plus_seconds(mfa::Throttle::kWindowSeconds + 1);
  EXPECT_EQ(gate.accept(device, code_at(device, later), later), Outcome::Accepted);
}

TEST(MfaGate, WrongCodesOfOneDeviceDoNotShutAnother) {
  MfaGate gate;
  const identity::MfaDevice device = device_of();
  identity::MfaDevice other = device_of("another seed of some bytes");
  other.name = "tablet";
  for (std::size_t i = 0; i < mfa::Throttle::kMaxWrong; ++i) {
    (void)gate.accept(device, wrong_code(device), kNow);
  }
  EXPECT_EQ(gate.accept(other, code_at(other, kNow), kNow), Outcome::Accepted);
}

TEST(MfaGate, ADeviceMadeAgainUnderItsSerialStartsAfresh) {
  MfaGate gate;
  const identity::MfaDevice old = device_of();
  const Instant later = kNow.plus_seconds(30);
  ASSERT_EQ(gate.accept(old, code_at(old, later), later), Outcome::Accepted);
  for (std::size_t i = 0; i < mfa::Throttle::kMaxWrong; ++i) {
    (void)gate.accept(old, wrong_code(old), kNow);
  }
  identity::MfaDevice fresh = device_of("a quite different seed !!");

  identity::MfaDevice stored = fresh;
  gate.store_into(stored);
  EXPECT_EQ(stored.state.last_step, -1) << "what is known is about the old device";

  EXPECT_EQ(gate.accept(fresh, code_at(old, kNow), kNow), Outcome::Wrong);
  EXPECT_EQ(gate.accept(fresh, code_at(fresh, kNow), kNow), Outcome::Accepted);
}

TEST(MfaGate, EnablingSpendsBothCodes) {
  MfaGate gate;
  identity::MfaDevice device = device_of();
  const std::string older = code_at(device, kNow.plus_seconds(-30));
  const std::string newer = code_at(device, kNow);
  EXPECT_NE(gate.enable(device, newer, older, kNow), Outcome::Accepted);
  EXPECT_NE(gate.enable(device, newer, newer, kNow), Outcome::Accepted);
  ASSERT_EQ(gate.enable(device, older, newer, kNow), Outcome::Accepted);
  EXPECT_EQ(gate.accept(device, newer, kNow), Outcome::Replayed);
  EXPECT_EQ(gate.accept(device, older, kNow), Outcome::Replayed);
}

TEST(MfaGate, ResyncFollowsADeviceWhoseClockIsOff) {
  MfaGate gate;
  identity::MfaDevice device = device_of();
  const Instant ahead = kNow.plus_seconds(240);
  ASSERT_EQ(gate.accept(device, code_at(device, ahead), kNow), Outcome::Wrong);
  ASSERT_EQ(
      gate.resync(device, code_at(device, ahead), code_at(device, ahead.plus_seconds(30)), kNow),
      Outcome::Accepted);
  gate.store_into(device);
  EXPECT_EQ(device.state.drift_steps, 9);
  const Instant later = kNow.plus_seconds(60);
  EXPECT_EQ(gate.accept(device, code_at(device, later.plus_seconds(270)), later),
            Outcome::Accepted);
}

TEST(MfaGate, StoreIntoNeverMovesARecordBack) {
  MfaGate gate;
  identity::MfaDevice device = device_of();
  ASSERT_EQ(gate.accept(device, code_at(device, kNow), kNow), Outcome::Accepted);
  device.state.last_step = mfa::step_of(kNow) + 10;
  gate.store_into(device);
  EXPECT_EQ(device.state.last_step, mfa::step_of(kNow) + 10);
}

TEST(MfaGate, ForgettingADeviceLeavesItsRecordInForce) {
  MfaGate gate;
  identity::MfaDevice device = device_of();
  ASSERT_EQ(gate.accept(device, code_at(device, kNow), kNow), Outcome::Accepted);
  gate.store_into(device);
  gate.forget(device.serial());
  EXPECT_EQ(gate.accept(device, code_at(device, kNow), kNow), Outcome::Replayed);
  gate.reset();
  EXPECT_EQ(gate.accept(device, code_at(device, kNow), kNow), Outcome::Replayed);
}

TEST(MfaGate, WordsOfTheRefusals) {
  const std::string wrong =
      "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
  const std::string other =
      "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA "
      "serial number is valid and associated with this user.";
  EXPECT_EQ(mfa_error(Outcome::Wrong).message, wrong);
  EXPECT_EQ(mfa_error(Outcome::Malformed).message, wrong);
  EXPECT_EQ(mfa_error(Outcome::Replayed).message, other);
  EXPECT_EQ(mfa_error(Outcome::Throttled).message, other);
  EXPECT_EQ(mfa_error(Outcome::Wrong).code, ErrorCode::AccessDenied);
  EXPECT_EQ(mfa_error(Outcome::Replayed).cause,
            "the MFA code was used before: each works once, enabling the device included");
  EXPECT_EQ(mfa_device_error("none").message, other);
  EXPECT_EQ(mfa_device_error("none").cause, "none");
}

}  // namespace
}  // namespace signet::authn
