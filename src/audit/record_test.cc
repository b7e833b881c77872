#include "audit/record.h"

#include <string>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace signet::audit
