#include "facts/wire/record_sink.h"

#include <string>

#include <gtest/gtest.h>

#include "facts/iam_records.h"
#include "facts/sts_records.h"

namespace signet::facts {
namespace {

template <class Message>
std::string told(const Message& message) {
  std::string out;
  RecordSink sink(out);
  describe(sink, message);
  sink.end();
  return out;
}

TEST(RecordSink, TellsMembersInLowerCamelCase) {
  iam::CreateUserRequest request;
  request.user_name = "bob";
  request.path = "/a/";
  request.tags = {iam::Tag{.key = "team", .value = "x"}};

  EXPECT_EQ(told(request),
            R"({"path":"/a/","userName":"bob","tags":[{"key":"team","value":"x"}]})");
}

TEST(RecordSink, TellsAPolicyDocumentAsItIs) {
  iam::PutUserPolicyRequest request;
  request.user_name = "bob";
  request.policy_name = "p";
  request.policy_document = R"({"Version":"2012-10-17"})";

  EXPECT_EQ(
      told(request),
      R"({"userName":"bob","policyName":"p","policyDocument":"{\"Version\":\"2012-10-17\"}"})");
}

TEST(RecordSink, TellsTheKeyThatAssumeRoleIssuedAndNoSecretOfIt) {
  sts::AssumeRoleResponse response;
  response.credentials = sts::Credentials{.access_key_id = "ASIAEXAMPLE",
                                          .secret_access_key = Secret("s3cr3t"),
                                          .session_token = "t0ken",
                                          .expiration = Instant::from_seconds(1'689'696'459)};
  response.assumed_role_user = sts::AssumedRoleUser{.assumed_role_id = "AROAX:me", .arn = "arn"};

  EXPECT_EQ(
      told(response),
      R"({"credentials":{"accessKeyId":"ASIAEXAMPLE","expiration":"Jul 18, 2023, 4:07:39 PM"},)"
      R"("assumedRoleUser":{"assumedRoleId":"AROAX:me","arn":"arn"}})");
}

TEST(RecordSink, NeverTellsASecret) {
  iam::CreateLoginProfileRequest profile;
  profile.user_name = "bob";
  profile.password = Secret("hunter2-hunter2");
  EXPECT_EQ(told(profile), R"({"userName":"bob"})");

  iam::ChangePasswordRequest change;
  change.old_password = Secret("hunter2");
  change.new_password = Secret("hunter3");
  EXPECT_EQ(told(change), "{}");

  iam::CreateAccessKeyResponse key;
  key.access_key.access_key_id = "AKIAEXAMPLE";
  key.access_key.user_name = "bob";
  key.access_key.status = "Active";
  key.access_key.secret_access_key = Secret("s3cr3t");
  EXPECT_EQ(told(key),
            R"({"accessKey":{"userName":"bob","accessKeyId":"AKIAEXAMPLE","status":"Active"}})");

  iam::CreateVirtualMFADeviceResponse device;
  device.virtual_mfa_device.serial_number = "arn:aws:iam::123456789012:mfa/m";
  device.virtual_mfa_device.base32_string_seed = Secret("SEEDSEED");
  device.virtual_mfa_device.qr_code_png = Secret("PNG");
  EXPECT_EQ(told(device),
            R"({"virtualMFADevice":{"serialNumber":"arn:aws:iam::123456789012:mfa/m"}})");

  iam::EnableMFADeviceRequest enable;
  enable.user_name = "bob";
  enable.serial_number = "m";
  enable.authentication_code1 = "123456";
  enable.authentication_code2 = "654321";
  EXPECT_EQ(told(enable), R"({"userName":"bob","serialNumber":"m"})");

  sts::AssumeRoleRequest assume;
  assume.role_arn = "arn";
  assume.role_session_name = "me";
  assume.token_code = "123456";
  EXPECT_EQ(told(assume), R"({"roleArn":"arn","roleSessionName":"me"})");
}

TEST(RecordSink, CutsWhatIsLongerThanAPolicyBetweenCharacters) {
  iam::PutUserPolicyRequest request;
  request.policy_document = std::string(RecordSink::kLongestText - 1, 'x') + "\xC3\xA9";

  const std::string text = told(request);

  EXPECT_LT(text.size(), RecordSink::kLongestText + 100);
  EXPECT_TRUE(text.ends_with("xx\"}"));
}

}  // namespace
}  // namespace signet::facts
