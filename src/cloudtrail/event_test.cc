#include "cloudtrail/event.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::cloudtrail {
namespace {

constexpr std::string_view kAccount = "123456789012";

// A record with these members in place of its own.
std::string line(std::string_view recipient = R"("recipientAccountId":"123456789012")",
                 std::string_view category = "Management",
                 std::string_view more = R"("requestParameters":null)") {
  return std::string(R"({"eventVersion":"1.11","eventTime":"2026-11-30T10:00:00Z","eventID":"e-1",)"
                     R"("eventSource":"iam.amazonaws.com","eventName":"CreateUser",)"
                     R"("awsRegion":"us-east-1","userIdentity":{"type":"IAMUser",)"
                     R"("principalId":"AIDA1","arn":"arn:aws:iam::123456789012:user/bob",)"
                     R"("accountId":"123456789012","accessKeyId":"AKIA1","userName":"bob"},)") +
         std::string(more) +
         R"(,"resources":[{"ARN":"arn:aws:iam::123456789012:user/a/eve",)"
         R"("accountId":"123456789012","type":"AWS::IAM::User"}],)"
         R"("readOnly":false,"managementEvent":true,)" +
         std::string(recipient) + R"(,"eventCategory":")" + std::string(category) +
         R"(","sequence":7,"previous":"00","chain":"11"})";
}

TEST(Event, TellsWhatTheRecordSays) {
  const auto event = event_of(line(), kAccount, "us-east-1");

  ASSERT_TRUE(event);
  EXPECT_EQ(event->event_id, "e-1");
  EXPECT_EQ(event->event_name, "CreateUser");
  EXPECT_EQ(event->event_source, "iam.amazonaws.com");
  EXPECT_EQ(event->username, "bob");
  EXPECT_EQ(event->access_key_id, "AKIA1");
  EXPECT_EQ(event->read_only, "false");
  EXPECT_EQ(event->event_time->seconds(), 1796032800);
  ASSERT_EQ(event->resources->size(), 2U);
  EXPECT_EQ(event->resources->at(0).resource_name, "arn:aws:iam::123456789012:user/a/eve");
  EXPECT_EQ(event->resources->at(1).resource_name, "eve");
  EXPECT_EQ(event->cloud_trail_event->find("sequence"), std::string::npos);
  EXPECT_EQ(event->cloud_trail_event->find("chain"), std::string::npos);
}

TEST(Event, IsOfItsAccountRegionAndCategoryAlone) {
  EXPECT_FALSE(event_of(line(), "210987654321", "us-east-1"));
  EXPECT_FALSE(event_of(line(), "", "us-east-1"));
  EXPECT_FALSE(event_of(line(), kAccount, "eu-west-1"));
  EXPECT_FALSE(event_of(line(R"("recipientAccountId":"210987654321")"), kAccount, "us-east-1"));
  EXPECT_FALSE(
      event_of(line(R"("recipientAccountId":"123456789012")", "Data"), kAccount, "us-east-1"));
  EXPECT_TRUE(event_of(line(R"("tlsDetails":{})"), kAccount, "us-east-1"))
      << "of a caller without an account: whose it is says the resource";
}

TEST(Event, AForeignRecordThatQuotesTheAccountIsNotTheAccounts) {
  const std::string quoting =
      line(R"("recipientAccountId":"210987654321")",
           "Management",
           R"("requestParameters":{"userName":"\",\"recipientAccountId\":\"123456789012"})");
  EXPECT_FALSE(event_of(quoting, kAccount, "us-east-1"));
}

TEST(Event, LeavesOutWhatIsForTheOperator) {
  const auto refused =
      event_of(line(R"("recipientAccountId":"123456789012")",
                    "Management",
                    R"("additionalEventData":{"refusal":{"reason":"r"},"checkedActions":[],)"
                    R"("encodedAuthorizationMessage":"m"})"),
               kAccount,
               "us-east-1");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->cloud_trail_event->find("additionalEventData"), std::string::npos);

  const auto kept = event_of(line(R"("recipientAccountId":"123456789012")",
                                  "Management",
                                  R"("additionalEventData":{"MFAUsed":"Yes","refusal":{}})"),
                             kAccount,
                             "us-east-1");
  EXPECT_NE(kept->cloud_trail_event->find(R"("additionalEventData":{"MFAUsed":"Yes"})"),
            std::string::npos);
}

TEST(Event, WhatIsNoRecordIsNoEvent) {
  for (const std::string_view text : {"", "{", "[]", "{}", "null", "123456789012"}) {
    EXPECT_FALSE(event_of(text, kAccount, "us-east-1")) << text;
  }
}

TEST(Event, AttributesAreExact) {
  const auto event = event_of(line(), kAccount, "us-east-1");
  const auto has = [&](std::string key, std::string value) {
    return has_attribute(*event,
                         {.attribute_key = std::move(key), .attribute_value = std::move(value)});
  };
  EXPECT_TRUE(has("EventId", "e-1"));
  EXPECT_TRUE(has("EventName", "CreateUser"));
  EXPECT_TRUE(has("EventSource", "iam.amazonaws.com"));
  EXPECT_TRUE(has("Username", "bob"));
  EXPECT_TRUE(has("ReadOnly", "false"));
  EXPECT_TRUE(has("AccessKeyId", "AKIA1"));
  EXPECT_TRUE(has("ResourceType", "AWS::IAM::User"));
  EXPECT_TRUE(has("ResourceName", "eve"));
  EXPECT_FALSE(has("EventName", "createUser"));
  EXPECT_FALSE(has("EventName", "Create"));
  EXPECT_FALSE(has("ResourceName", "bob"));
}

}  // namespace
}  // namespace signet::cloudtrail
