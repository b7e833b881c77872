#include "audit/record.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "audit/notice.h"
#include "codec/json.h"

namespace signet::audit {
namespace {

model::Caller bob() {
  model::Caller caller;
  caller.kind = model::CallerKind::User;
  caller.account = "123456789012";
  caller.arn = "arn:aws:iam::123456789012:user/bob";
  caller.principal_arn = caller.arn;
  caller.principal_id = caller.user_id = "AIDAEXAMPLE";
  caller.name = "bob";
  caller.access_key_id = "AKIAEXAMPLE";
  return caller;
}

std::string json_of(const Record& record) {
  std::string out;
  append_json(out, record);
  return out;
}

TEST(AuditRecord, NamesTheCallerInCloudTrailsShape) {
  const model::Caller caller = bob();

  const std::string line = json_of({.service = "iam",
                                    .event_name = "CreateUser",
                                    .caller = &caller,
                                    .time = Instant::from_seconds(1'771'321'482),
                                    .is_read_only = false});

  EXPECT_NE(line.find(R"("eventSource":"iam.amazonaws.com","eventName":"CreateUser")"),
            std::string::npos)
      << line;
  EXPECT_NE(line.find(R"("userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE")"),
            std::string::npos)
      << line;
  EXPECT_NE(line.find(R"("eventTime":"2026-02-17T09:44:42Z")"), std::string::npos) << line;
  EXPECT_EQ(line.find("errorCode"), std::string::npos);
  EXPECT_EQ(line.back(), '\n');
}

TEST(AuditRecord, NamesWhomAnIdentityProviderVouchesFor) {
  const model::Caller nobody;
  const model::Vouched workload{.kind = model::Vouched::Kind::WebIdentity,
                                .id = "idp.example.com:client:subject",
                                .name = "subject",
                                .provider = "idp.example.com"};
  const Record refused{
      .service = "sts", .error_code = "AccessDenied", .caller = &nobody, .vouched = &workload};

  EXPECT_NE(json_of(refused).find(
                R"("userIdentity":{"type":"WebIdentityUser","principalId":)"
                R"("idp.example.com:client:subject","userName":"subject","identityProvider":)"
                R"("idp.example.com"})"),
            std::string::npos)
      << json_of(refused);
  EXPECT_TRUE(is_of_stranger(refused)) << "an issuer of the world vouches for anybody";
  const model::Vouched person{
      .kind = model::Vouched::Kind::Saml, .id = "q=:alice", .name = "alice", .provider = "q="};
  const Record granted{.service = "sts", .caller = &nobody, .vouched = &person};
  EXPECT_FALSE(is_of_stranger(granted));
  EXPECT_NE(json_of(granted).find(R"("userIdentity":{"type":"SAMLUser","principalId":"q=:alice")"),
            std::string::npos);
}

TEST(AuditRecord, NamesNobodyWhenAuthenticationFailed) {
  const std::string line = json_of({.service = "sts", .error_code = "SignatureDoesNotMatch"});

  EXPECT_EQ(line.find("userIdentity"), std::string::npos);
  EXPECT_NE(line.find(R"("errorCode":"SignatureDoesNotMatch")"), std::string::npos);
}

TEST(AuditRecord, KeepsHostileTextInsideItsString) {
  const std::string line = json_of({.service = "s3", .user_agent = "x\"}\n{\"forged\":\"yes"});

  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find("\"forged\":\"yes"), std::string::npos);
}

TEST(AuditRecord, CutsWhatAStrangerChose) {
  const std::string text(3000, 'x');

  const std::string line = json_of({.service = text,
                                    .event_name = text,
                                    .user_agent = text,
                                    .region = text,
                                    .error_code = "MissingAuthenticationToken",
                                    .error_message = text,
                                    .request_parameters = "{\"a\":\"" + text + "\"}"});

  EXPECT_LT(line.size(), 1800U) << line;
  EXPECT_NE(line.find("\"userAgent\":\"" + std::string(256, 'x') + "\""), std::string::npos);
}

TEST(AuditRecord, IsOfAStrangerUnlessSomebodyVouchesForTheCaller) {
  const model::Caller known = bob();
  const model::Caller anonymous;

  EXPECT_TRUE(is_of_stranger({.error_code = "SignatureDoesNotMatch"}));
  EXPECT_TRUE(is_of_stranger({.error_code = "AccessDenied", .caller = &anonymous}));
  EXPECT_FALSE(is_of_stranger({.caller = &anonymous})) << "a public object was used";
  EXPECT_FALSE(is_of_stranger({.error_code = "AccessDenied", .caller = &known}));
}

TEST(AuditRecord, TellsParametersElementsAndEveryResource) {
  const model::Caller caller = bob();
  const Resource resources[] = {
      {.arn = "arn:aws:iam::123456789012:role/r", .account = "123456789012"},
      {.arn = "*"},
      {.arn = "arn:aws:s3:::b/k"}};

  const std::string line = json_of({.service = "sts",
                                    .event_name = "AssumeRole",
                                    .event_id = "id",
                                    .resources = resources,
                                    .authorization_message = "sealed",
                                    .request_parameters = R"({"roleArn":"r"})",
                                    .response_elements = R"({"credentials":{"accessKeyId":"A"}})",
                                    .additional = R"({"LoginTo":"x"})",
                                    .refusal = R"({"reason":"why"})",
                                    .caller = &caller});

  EXPECT_NE(line.find(R"("requestParameters":{"roleArn":"r"},"responseElements":{"credentials":)"),
            std::string::npos)
      << line;
  EXPECT_NE(line.find(R"("resources":[{"ARN":"arn:aws:iam::123456789012:role/r","accountId":)"
                      R"("123456789012","type":"AWS::IAM::Role"},{"ARN":"arn:aws:s3:::b/k",)"
                      R"("type":"AWS::S3::Object"}])"),
            std::string::npos)
      << line;
  EXPECT_NE(line.find(R"("additionalEventData":{"LoginTo":"x","refusal":{"reason":"why"},)"
                      R"("encodedAuthorizationMessage":)"),
            std::string::npos)
      << line;
  EXPECT_TRUE(codec::Json::parse(line).has_value());
}

TEST(AuditRecord, NothingToTellIsNull) {
  const model::Caller caller = bob();

  const std::string line =
      json_of({.request_parameters = "{}", .response_elements = "", .caller = &caller});

  EXPECT_NE(line.find(R"("requestParameters":null,"responseElements":null)"), std::string::npos);
  EXPECT_EQ(line.find("resources"), std::string::npos);
  EXPECT_EQ(line.find("additionalEventData"), std::string::npos);
}

TEST(AuditRecord, LeavesOutWhatIsTooLongAndSaysSo) {
  const model::Caller caller = bob();
  const std::string object = "{\"a\":\"" + std::string(kLongestRecord, 'x') + "\"}";

  const std::string line = json_of({.request_parameters = object, .caller = &caller});

  EXPECT_LT(line.size(), 2000U);
  EXPECT_NE(line.find("\"requestParametersOmittedBytes\":\"" + std::to_string(object.size())),
            std::string::npos)
      << line;
}

TEST(AuditRecord, NamesWhoIssuedAFederatedSession) {
  model::Caller caller;
  caller.kind = model::CallerKind::FederatedUser;
  caller.account = "123456789012";
  caller.arn = caller.principal_arn = "arn:aws:sts::123456789012:federated-user/guest";
  caller.principal_id = "AIDAEXAMPLE";
  caller.user_id = "123456789012:guest";
  caller.name = "guest";
  auto session = std::make_shared<model::Session>();
  session->kind = model::SessionKind::FederatedUser;
  session->issued = Instant::from_seconds(1'771'321'482);
  caller.session = session;

  const std::string line = json_of({.caller = &caller});

  EXPECT_NE(line.find(R"("sessionContext":{"sessionIssuer":{"type":"IAMUser","principalId":)"
                      R"("AIDAEXAMPLE","accountId":"123456789012"},"attributes":{"creationDate":)"
                      R"("2026-02-17T09:44:42Z","mfaAuthenticated":"false"}})"),
            std::string::npos)
      << line;
}

TEST(AuditNotice, IsALineOfJson) {
  std::string line;
  append_notice(line, {.time = Instant::from_seconds(0), .event = "X", .text = "a\n\"b"});

  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_TRUE(codec::Json::parse(line).has_value());
}

}  // namespace
}  // namespace signet::audit
