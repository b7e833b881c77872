// What the console's page may do about one's own MFA devices (decision 0054).
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "signin/sign_in_fixture_for_test.h"

namespace signet::signin {
namespace {

using Headers = std::vector<http::HeaderView>;

constexpr std::string_view kChallenge = "/_console/api/passkeys/challenge";
constexpr std::string_view kRegister = "/_console/api/passkeys";
constexpr std::string_view kRootDevice = "/_console/api/root-mfa-device";
constexpr std::string_view kEndpoints[] = {kChallenge, kRegister, kRootDevice};

class OwnDevices : public SignInTest {
 protected:
  OwnDevices() {
    allow("iam:EnableMFADevice");
    EXPECT_EQ(try_password(kPassword).status, 303);
  }

  // As the console's page does.
  http::Response ask(std::string_view path, std::string body = "{}") {
    return ask_with({{"origin", "http://localhost:9311"},
                     {"sec-fetch-site", "same-origin"},
                     {"x-signet-console", "1"}},
                    path,
                    std::move(body));
  }

  http::Response ask_with(Headers headers, std::string_view path, std::string body = "{}") {
    headers_ = std::move(headers);
    body_ = std::move(body);
    http::Response response = send("POST", path);
    headers_.clear();
    body_.clear();
    return response;
  }

  // "403: You may not."
  static std::string told(const http::Response& response) {
    const auto json = codec::Json::parse(response.body);
    return concat(std::to_string(response.status), ": ", json ? json->string_at("message") : "");
  }

  std::string challenge() {
    const auto json = codec::Json::parse(ask(kChallenge).body);
    EXPECT_TRUE(json);
    return json ? std::string(json->string_at("challenge")) : "";
  }

  http::Response register_with(std::string_view challenge, std::string_view name = "key") {
    const std::string rubbish = codec::encode_base64url("rubbish");
    return ask(kRegister,
               concat(R"({"name":")",
                      name,
                      R"(","challenge":")",
                      challenge,
                      R"(","clientData":")",
                      rubbish,
                      R"(","attestation":")",
                      rubbish,
                      "\"}"));
  }

  // A device of that account that nobody uses; its serial.
  std::string make_free_device(const char* account = identity::kAccount) {
    identity::MfaDevice device = identity::make_device(concat("phone-", account));
    device.account = account;
    seed_ = device.seed;
    std::string serial = device.serial();
    world_.write([&](identity::Transaction& transaction) { transaction.put(std::move(device)); });
    return serial;
  }

  // The code of so many steps ago.
  [[nodiscard]] std::string code_before(std::int64_t steps) const {
    return mfa::totp_code(seed_->reveal(secret_access()), mfa::step_of(world_.clock.now()) - steps);
  }

  http::Response enable(std::string_view serial, std::string_view first, std::string_view second) {
    return ask(kRootDevice,
               concat(R"({"serialNumber":")",
                      serial,
                      R"(","authenticationCode1":")",
                      first,
                      R"(","authenticationCode2":")",
                      second,
                      "\"}"));
  }

  [[nodiscard]] bool has_devices(std::string_view principal) {
    const auto state = world_.snapshot();
    return !state->mfa_devices_of(identity::kAccount, principal).empty();
  }
};

TEST_F(OwnDevices, AChallengeNamesThePersonAndThisHost) {
  const auto answer = ask(kChallenge);
  ASSERT_EQ(answer.status, 200);
  const auto json = codec::Json::parse(answer.body);
  EXPECT_EQ(json->string_at("rpId"), "localhost");
  EXPECT_EQ(json->string_at("userId"), authz::AuthzFixture::kUserId);
  EXPECT_EQ(json->string_at("userName"), "alice");
  EXPECT_TRUE(json->find("known")->items().empty());
  EXPECT_NE(challenge(), challenge()) << "each is its own";
}

TEST_F(OwnDevices, OnlyTheConsolesOwnPageMayAsk) {
  const Headers foreign[] = {
      {},
      {{"x-signet-console", "1"}, {"origin", "http://evil.example"}},
      {{"x-signet-console", "1"}, {"sec-fetch-site", "cross-site"}},
      {{"x-signet-console", "1"}, {"sec-fetch-site", "same-site"}},
      {{"origin", "http://localhost:9311"}, {"sec-fetch-site", "same-origin"}}};
  for (const std::string_view path : kEndpoints) {
    for (const Headers& headers : foreign) {
      EXPECT_EQ(ask_with(headers, path).status, 403) << path << headers.size();
    }
  }
}

TEST_F(OwnDevices, WhoIsNotSignedInOrActsAsARoleHasNone) {
  allow("*");
  ASSERT_EQ(switch_to().status, 303);
  for (const std::string_view path : kEndpoints) {
    EXPECT_EQ(told(ask(path)), "403: MFA devices belong to IAM users and to root.") << path;
  }
  jar_.clear();
  for (const std::string_view path : kEndpoints) {
    EXPECT_EQ(told(ask(path)), "401: The session has ended.") << path;
  }
}

TEST_F(OwnDevices, TheyTakeThePermissionThatDevicesTake) {
  allow("iam:CreateVirtualMFADevice");
  for (const std::string_view path : kEndpoints) {
    const auto refused = ask(path, R"({"name":"a","clientData":"AA","attestation":"AA"})");
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_NE(told(refused).find("iam:EnableMFADevice on resource: arn:aws:iam::111122223333:user/"
                                 "team/alice"),
              std::string::npos)
        << told(refused);
  }
}

TEST_F(OwnDevices, ARegistrationAnswersAChallengeOfThisSessionSoon) {
  constexpr std::string_view kTooLate =
      "400: This took too long, or was begun by somebody else. Try again.";
  const std::string good = challenge();
  EXPECT_TRUE(told(register_with(good)).starts_with("400: The passkey was not accepted: "))
      << "rubbish, but for the challenge";
  for (const std::string& text : {std::string(), std::string("x"), good + "A", step_of(form())}) {
    EXPECT_EQ(told(register_with(text)), kTooLate) << text;
  }
  const auto jar = jar_;
  jar_.clear();
  ASSERT_EQ(try_password(kPassword).status, 303);
  EXPECT_EQ(told(register_with(good)), kTooLate) << "another session of the same person";
  jar_ = jar;
  world_.clock.advance_seconds(299);
  EXPECT_NE(told(register_with(good)), kTooLate);
  world_.clock.advance_seconds(1);
  EXPECT_EQ(told(register_with(good)), kTooLate);
  EXPECT_FALSE(has_devices(authz::AuthzFixture::kUserId));
}

TEST_F(OwnDevices, WhatIsNoRegistrationIsRefused) {
  for (const char* body : {"",
                           "x",
                           "[]",
                           "{}",
                           R"({"name":"a"})",
                           R"({"name":"a","clientData":"AA"})",
                           R"({"name":"a","clientData":"A","attestation":"AA"})",
                           R"({"name":"a","clientData":1,"attestation":2})"}) {
    EXPECT_TRUE(told(ask(kRegister, body)).starts_with("400: ")) << body;
  }
  const std::string good = challenge();
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a/b"), std::string(65, 'n')}) {
    EXPECT_EQ(told(register_with(good, name)),
              "400: A name has 1 to 64 letters, digits and signs of + = , . @ _ -")
        << name;
  }
}

TEST_F(OwnDevices, RootTakesItsDeviceIntoUseWithTwoCodesThatFollow) {
  sign_in_as_root();
  const std::string serial = make_free_device();
  const std::string wrong = "400: These are not two codes of the device that follow each other.";
  EXPECT_EQ(told(enable(serial, code_before(1), code_before(1))), wrong);
  EXPECT_EQ(told(enable(serial, code_before(0), code_before(1))), wrong);
  EXPECT_EQ(told(enable(serial, "", "")), wrong);
  EXPECT_EQ(told(enable(serial, "000000", code_before(0))), wrong);
  EXPECT_FALSE(has_devices(identity::kAccount));

  const auto enabled = enable(serial, code_before(1), code_before(0));
  ASSERT_EQ(enabled.status, 200) << enabled.body;
  EXPECT_EQ(codec::Json::parse(enabled.body)->string_at("serialNumber"), serial);
  EXPECT_EQ(outcome_in_record(), "Success");
  EXPECT_TRUE(has_devices(identity::kAccount));
  EXPECT_EQ(told(enable(serial, code_before(1), code_before(0))),
            "409: The device is in use already.");
}

TEST_F(OwnDevices, RootTakesNoDeviceOfOthers) {
  const std::string own = make_free_device();
  EXPECT_EQ(told(enable(own, code_before(1), code_before(0))),
            "403: IAM users enable their devices with EnableMFADevice.");
  sign_in_as_root();
  const std::string foreign = make_free_device(identity::kOtherAccount);
  for (const std::string& serial :
       {foreign, std::string(), std::string("arn:aws:iam::111122223333:mfa/none")}) {
    EXPECT_EQ(told(enable(serial, code_before(1), code_before(0))),
              "404: There is no such virtual MFA device.")
        << serial;
  }
  for (const char* body : {"", "[]", "null", "{"}) {
    EXPECT_EQ(told(ask(kRootDevice, body)), "400: The request is not valid.") << body;
  }
}

TEST_F(OwnDevices, APasskeyThatIsNotThePersonsSignsNobodyIn) {
  give_device();
  jar_.clear();
  const auto asked = try_password(kPassword);
  const std::string some = codec::encode_base64url("some bytes");
  for (const std::string& credential : {some, std::string("!"), codec::encode_base64url("")}) {
    const auto answer = answer_step("mfa",
                                    asked,
                                    {{"credential", credential},
                                     {"clientData", some},
                                     {"authenticatorData", some},
                                     {"signature", some}});
    EXPECT_EQ(answer.status, 401) << credential;
    EXPECT_EQ(outcome_in_record(), "Failure") << credential;
  }
  EXPECT_FALSE(is_signed_in());
}

}  // namespace
}  // namespace signet::signin
