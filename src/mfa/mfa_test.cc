#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/secret_access.h"
#include "codec/base32.h"
#include "crypto/random.h"
#include "mfa/device.h"
#include "mfa/otpauth.h"
#include "mfa/qr_png.h"
#include "mfa/totp.h"

namespace signet::mfa {
namespace {

constexpr std::string_view kSeed = "12345678901234567890";
constexpr Instant kNow = Instant::from_seconds(1767225615);  // the middle of a step

std::string code_at(std::int64_t step_offset, Instant now = kNow) {
  return totp_code(kSeed, step_of(now) + step_offset);
}

// RFC 6238 appendix B, SHA-1 column, last six of its eight digits.
TEST(Totp, AgreesWithRfc6238) {
  const std::pair<std::int64_t, std::string_view> vectors[] = {{59, "287082"},
                                                               {1111111109, "081804"},
                                                               {1111111111, "050471"},
                                                               {1234567890, "005924"},
                                                               {2000000000, "279037"},
                                                               {20000000000, "353130"}};
  for (const auto& [seconds, code] : vectors) {
    EXPECT_EQ(totp_code(kSeed, step_of(Instant::from_seconds(seconds))), code) << seconds;
  }
}

TEST(Totp, StepsAreThirtySecondsFromTheEpoch) {
  EXPECT_EQ(step_of(Instant::from_seconds(0)), 0);
  EXPECT_EQ(step_of(Instant{29'999}), 0);
  EXPECT_EQ(step_of(Instant::from_seconds(30)), 1);
  EXPECT_EQ(step_of(Instant::from_seconds(-1)), -1);
}

TEST(Totp, SeedsAreFortyBytesAndNeedNoPadding) {
  crypto::SystemRandom random;
  const Secret seed = make_seed(random);
  const std::string text = codec::encode_base32(seed.reveal(secret_access()));

  EXPECT_EQ(text.size(), 64U);
  EXPECT_EQ(text.find('='), std::string::npos);
  EXPECT_FALSE(seed.equals(make_seed(random).reveal(secret_access())));
}

TEST(VerifyCode, AcceptsOneStepEitherWayAndNoMore) {
  for (std::int64_t offset = -3; offset <= 3; ++offset) {
    DeviceState state;
    Throttle throttle;

    const Outcome outcome = verify_code(kSeed, code_at(offset), kNow, state, throttle);

    EXPECT_EQ(outcome, offset >= -1 && offset <= 1 ? Outcome::Accepted : Outcome::Wrong) << offset;
    EXPECT_EQ(state.last_step, outcome == Outcome::Accepted ? step_of(kNow) + offset : -1);
    EXPECT_EQ(state.drift_steps, 0);
  }
}

TEST(VerifyCode, FollowsTheStoredDrift) {
  DeviceState state{.drift_steps = 10, .last_step = -1};
  Throttle throttle;

  EXPECT_EQ(verify_code(kSeed, code_at(0), kNow, state, throttle), Outcome::Wrong);
  EXPECT_EQ(verify_code(kSeed, code_at(9), kNow, state, throttle), Outcome::Accepted);
  EXPECT_EQ(verify_code(kSeed, code_at(11), kNow, state, throttle), Outcome::Accepted);
  EXPECT_EQ(verify_code(kSeed, code_at(12), kNow, state, throttle), Outcome::Wrong);
}

TEST(VerifyCode, RejectsACodeUsedTwiceAndAnyOlderOne) {
  DeviceState state;
  Throttle throttle;
  ASSERT_EQ(verify_code(kSeed, code_at(0), kNow, state, throttle), Outcome::Accepted);

  EXPECT_EQ(verify_code(kSeed, code_at(0), kNow, state, throttle), Outcome::Replayed);
  EXPECT_EQ(verify_code(kSeed, code_at(-1), kNow, state, throttle), Outcome::Replayed);
  EXPECT_EQ(state.last_step, step_of(kNow));
  EXPECT_EQ(verify_code(kSeed, code_at(1), kNow, state, throttle), Outcome::Accepted);
}

TEST(VerifyCode, RejectsWhatIsNotSixDigitsWithoutCountingIt) {
  DeviceState state;
  Throttle throttle;
  for (const std::string_view code :
       {"", "12345", "1234567", "12345a", " 12345", "-12345", "12345\n"}) {
    EXPECT_EQ(verify_code(kSeed, code, kNow, state, throttle), Outcome::Malformed) << code;
  }
  EXPECT_EQ(throttle.wrong[0].unix_ms, 0);
}

TEST(Throttle, RefusesEvenTheRightCodeAfterFiveWrongOnesUntilTheWindowPasses) {
  DeviceState state;
  Throttle throttle;
  for (int i = 0; i < 5; ++i) {
    const Instant moment = kNow.plus_seconds(i * 10);
    EXPECT_EQ(verify_code(kSeed, code_at(5, moment), moment, state, throttle), Outcome::Wrong) << i;
  }
  const Instant soon = kNow.plus_seconds(60);
  const Instant last_refused = Instant{kNow.unix_ms + 299'999};
  const Instant first_allowed = kNow.plus_seconds(300);

  EXPECT_EQ(verify_code(kSeed, code_at(0, soon), soon, state, throttle), Outcome::Throttled);
  EXPECT_EQ(verify_code(kSeed, code_at(0, last_refused), last_refused, state, throttle),
            Outcome::Throttled);
  EXPECT_EQ(state.last_step, -1);
  EXPECT_EQ(verify_code(kSeed, code_at(0, first_allowed), first_allowed, state, throttle),
            Outcome::Accepted);
}

TEST(EnableDevice, TakesTwoConsecutiveCodesInOrder) {
  struct Case {
    std::int64_t first;
    std::int64_t second;
    Outcome outcome;
  };

  for (const Case& c : {Case{-1, 0, Outcome::Accepted},
                        Case{-2, -1, Outcome::Accepted},
                        Case{0, 1, Outcome::Accepted},
                        Case{0, -1, Outcome::Wrong},
                        Case{0, 0, Outcome::Wrong},
                        Case{-2, 0, Outcome::Wrong},
                        Case{-3, -2, Outcome::Wrong},
                        Case{1, 2, Outcome::Wrong}}) {
    DeviceState state;
    Throttle throttle;

    EXPECT_EQ(enable_device(kSeed, code_at(c.first), code_at(c.second), kNow, state, throttle),
              c.outcome)
        << c.first << " " << c.second;
    EXPECT_EQ(state.last_step, c.outcome == Outcome::Accepted ? step_of(kNow) + c.second : -1);
    EXPECT_EQ(state.drift_steps, 0);
  }
}

TEST(EnableDevice, BurnsItsCodes) {
  DeviceState state;
  Throttle throttle;
  ASSERT_EQ(enable_device(kSeed, code_at(-1), code_at(0), kNow, state, throttle),
            Outcome::Accepted);

  EXPECT_EQ(verify_code(kSeed, code_at(0), kNow, state, throttle), Outcome::Replayed);
  EXPECT_EQ(enable_device(kSeed, code_at(-1), code_at(0), kNow, state, throttle),
            Outcome::Replayed);
}

TEST(ResyncDevice, FindsADeviceMinutesOffAndStoresItsDrift) {
  for (const std::int64_t drift : {-20, -5, 5, 20}) {
    DeviceState state;
    Throttle throttle;
    ASSERT_EQ(verify_code(kSeed, code_at(drift), kNow, state, throttle), Outcome::Wrong);

    EXPECT_EQ(resync_device(kSeed, code_at(drift - 1), code_at(drift), kNow, state, throttle),
              Outcome::Accepted)
        << drift;

    EXPECT_EQ(state.drift_steps, drift);
    const Instant later = kNow.plus_seconds(30);
    EXPECT_EQ(verify_code(kSeed, code_at(drift, later), later, state, throttle), Outcome::Accepted);
  }
}

TEST(ResyncDevice, RefusesPairsOutsideTheWindowOrAlreadyUsed) {
  DeviceState state;
  Throttle throttle;

  EXPECT_EQ(resync_device(kSeed, code_at(20), code_at(21), kNow, state, throttle), Outcome::Wrong);
  EXPECT_EQ(resync_device(kSeed, code_at(-22), code_at(-21), kNow, state, throttle),
            Outcome::Wrong);
  ASSERT_EQ(resync_device(kSeed, code_at(4), code_at(5), kNow, state, throttle), Outcome::Accepted);
  EXPECT_EQ(resync_device(kSeed, code_at(4), code_at(5), kNow, state, throttle), Outcome::Replayed);
  EXPECT_EQ(resync_device(kSeed, code_at(-5), code_at(-4), kNow, state, throttle),
            Outcome::Replayed);
  EXPECT_EQ(state.last_step, step_of(kNow) + 5);
}

TEST(ResyncDevice, IsThrottledToo) {
  DeviceState state;
  Throttle throttle;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(resync_device(kSeed, "000000", "000000", kNow, state, throttle), Outcome::Wrong);
  }

  EXPECT_EQ(resync_device(kSeed, code_at(-1), code_at(0), kNow, state, throttle),
            Outcome::Throttled);
  EXPECT_EQ(enable_device(kSeed, code_at(-1), code_at(0), kNow, state, throttle),
            Outcome::Throttled);
}

TEST(OtpauthUri, HasAwsForm) {
  EXPECT_EQ(otpauth_uri("bob-phone", "123456789012", "ABCD"),
            "otpauth://totp/bob-phone@123456789012?secret=ABCD");
  EXPECT_EQ(otpauth_uri("a+b=c,d", "al ias", "ABCD"),
            "otpauth://totp/a%2Bb%3Dc%2Cd@al%20ias?secret=ABCD");
}

// What an independent decoder reads from the image.
std::string decode_with_zbar(const std::string& png) {
  const std::string path = testing::TempDir() + "/signet_qr_" + std::to_string(getpid()) + ".png";
  std::ofstream(path, std::ios::binary) << png;
  FILE* pipe = popen(("zbarimg -q --raw " + path + " 2>/dev/null").c_str(), "r");
  std::string text;
  char buffer[4096];
  while (std::size_t size = fread(buffer, 1, sizeof buffer, pipe)) {
    text.append(buffer, size);
  }
  pclose(pipe);
  std::remove(path.c_str());
  return text;
}

TEST(QrPng, IsReadByARealDecoder) {
  if (std::system("command -v zbarimg >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "zbarimg is not installed";
  }
  crypto::SystemRandom random;
  for (const std::string& name :
       {std::string("d"), std::string("bob-phone"), std::string(128, 'n')}) {
    const std::string uri = otpauth_uri(
        name, "123456789012", codec::encode_base32(make_seed(random).reveal(secret_access())));

    const std::string png = qr_png(uri).value();

    EXPECT_TRUE(png.starts_with("\x89PNG\r\n\x1a\n"));
    EXPECT_EQ(decode_with_zbar(png), uri + "\n");
  }
}

TEST(QrPng, RefusesTextThatNoCodeHolds) {
  EXPECT_TRUE(qr_png(std::string(2000, 'x')).has_value());
  EXPECT_FALSE(qr_png(std::string(4000, 'x')).has_value());
}

}  // namespace
}  // namespace signet::mfa
