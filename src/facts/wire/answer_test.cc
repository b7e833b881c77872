#include "facts/wire/answer.h"

#include <string>

#include <gtest/gtest.h>

#include "facts/errors.h"
#include "facts/iam_wire.h"
#include "facts/sts_wire.h"

namespace signet::facts {
namespace {

constexpr std::string_view kId = "01234567-89ab-cdef-0123-456789abcdef";

template <class Response>
std::string answer(Operation operation, const Response& response, Format format = Format::Xml) {
  std::string out;
  append_answer(out, format, operation_row(operation), kId, response);
  return out;
}

std::string iam_document(std::string_view operation, std::string_view inside) {
  std::string out = "<";
  out.append(operation)
      .append("Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">")
      .append(inside);
  out.append("<ResponseMetadata><RequestId>")
      .append(kId)
      .append("</RequestId></ResponseMetadata></");
  return out.append(operation).append("Response>\n");
}

TEST(Answer, AssumeRole) {
  sts::AssumeRoleResponse response;
  response.credentials = sts::Credentials{.access_key_id = "ASIAEXAMPLE",
                                          .secret_access_key = Secret("a/b+c<"),
                                          .session_token = "tok=",
                                          .expiration = Instant::from_seconds(1'771'321'482)};
  response.assumed_role_user = sts::AssumedRoleUser{
      .assumed_role_id = "AROAX:me", .arn = "arn:aws:sts::123456789012:assumed-role/r/me"};
  EXPECT_EQ(answer(Operation::AssumeRole, response),
            "<AssumeRoleResponse "
            "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>"
            "<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>a/b+c&lt;</"
            "SecretAccessKey><SessionToken>tok="
            "</SessionToken><Expiration>2026-02-17T09:44:42Z</Expiration></"
            "Credentials><AssumedRoleUser><AssumedRoleId>"
            "AROAX:me</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/me</Arn></"
            "AssumedRoleUser>"
            "</AssumeRoleResult><ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</"
            "RequestId>"
            "</ResponseMetadata></AssumeRoleResponse>\n");
  response.packed_policy_size = 0;
  EXPECT_NE(answer(Operation::AssumeRole, response).find("<PackedPolicySize>0</PackedPolicySize>"),
            std::string::npos);
}

TEST(Answer, ResultElementFollowsTheRule) {
  EXPECT_EQ(answer(Operation::DeleteUser, iam::DeleteUserResponse{}),
            iam_document("DeleteUser", ""));
  EXPECT_EQ(answer(Operation::UpdateRole, iam::UpdateRoleResponse{}),
            iam_document("UpdateRole", "<UpdateRoleResult></UpdateRoleResult>"));
  EXPECT_EQ(
      answer(Operation::ListUsers, iam::ListUsersResponse{.is_truncated = false}),
      iam_document("ListUsers",
                   "<ListUsersResult><Users/><IsTruncated>false</IsTruncated></ListUsersResult>"));
}

TEST(Answer, AbsentAndEmptyListsDiffer) {
  iam::GetPolicyResponse response{.policy = iam::Policy{.policy_name = "p"}};
  EXPECT_EQ(answer(Operation::GetPolicy, response).find("Tags"), std::string::npos);
  response.policy->tags.emplace();
  EXPECT_NE(answer(Operation::GetPolicy, response).find("<Tags/>"), std::string::npos);
  response.policy->tags->push_back({.key = "k", .value = ""});
  EXPECT_NE(answer(Operation::GetPolicy, response)
                .find("<Tags><member><Key>k</Key><Value></Value></member></Tags>"),
            std::string::npos);
}

TEST(Answer, EmptyStructureIsAnEmptyElement) {
  iam::GetRoleResponse response;
  response.role.role_last_used.emplace();
  EXPECT_NE(answer(Operation::GetRole, response).find("<RoleLastUsed/>"), std::string::npos);
  EXPECT_NE(answer(Operation::GetRole, response, Format::Json).find("\"RoleLastUsed\":{}"),
            std::string::npos);
}

TEST(Answer, PolicyDocumentsArePercentEncoded) {
  const iam::GetRolePolicyResponse response{
      .role_name = "r", .policy_name = "p", .policy_document = "{\"a\": [\"+*/~\xC3\xA9\"]}\n"};
  const std::string encoded = "%7B%22a%22%3A%20%5B%22%2B%2A%2F~%C3%A9%22%5D%7D%0A";
  EXPECT_NE(answer(Operation::GetRolePolicy, response)
                .find("<PolicyDocument>" + encoded + "</PolicyDocument>"),
            std::string::npos);
  EXPECT_NE(answer(Operation::GetRolePolicy, response, Format::Json)
                .find("\"PolicyDocument\":\"" + encoded + "\""),
            std::string::npos);
}

// The seed is base64 of base32 text (aws-wire 1.3).
TEST(Answer, BlobsAreBase64) {
  iam::CreateVirtualMFADeviceResponse response;
  response.virtual_mfa_device.serial_number = "arn:aws:iam::123456789012:mfa/d";
  response.virtual_mfa_device.base32_string_seed.emplace("MZXW6YTB");
  response.virtual_mfa_device.qr_code_png.emplace(std::string("\x89PNG\0", 5));
  const std::string xml = answer(Operation::CreateVirtualMFADevice, response);
  EXPECT_NE(xml.find("<Base32StringSeed>TVpYVzZZVEI=</Base32StringSeed>"), std::string::npos);
  EXPECT_NE(xml.find("<QRCodePNG>iVBORwA=</QRCodePNG>"), std::string::npos);
}

TEST(Answer, MapsAreEntries) {
  iam::GetAccountSummaryResponse response;
  response.summary_map = {{{"Users", 5}, {"Groups", 0}}};
  EXPECT_EQ(
      answer(Operation::GetAccountSummary, response),
      iam_document(
          "GetAccountSummary",
          "<GetAccountSummaryResult><SummaryMap><entry><key>Users</key><value>5</value></"
          "entry><entry>"
          "<key>Groups</key><value>0</value></entry></SummaryMap></GetAccountSummaryResult>"));
  EXPECT_NE(answer(Operation::GetAccountSummary, response, Format::Json)
                .find("{\"Users\":5,\"Groups\":0}"),
            std::string::npos);
}

TEST(Answer, JsonForm) {
  const sts::GetCallerIdentityResponse response{
      .user_id = "AIDA", .account = "123456789012", .arn = "a\"b"};
  EXPECT_EQ(
      answer(Operation::GetCallerIdentity, response, Format::Json),
      R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"UserId":"AIDA","Account":"123456789012",)"
      R"("Arn":"a\"b"},"ResponseMetadata":{"RequestId":"01234567-89ab-cdef-0123-456789abcdef"}}})");
  EXPECT_EQ(
      answer(Operation::DeleteUser, iam::DeleteUserResponse{}, Format::Json),
      R"({"DeleteUserResponse":{"ResponseMetadata":{"RequestId":"01234567-89ab-cdef-0123-456789abcdef"}}})");
  sts::GetSessionTokenResponse session;
  session.credentials = sts::Credentials{.expiration = Instant{1'771'321'482'999}};
  EXPECT_NE(
      answer(Operation::GetSessionToken, session, Format::Json).find("\"Expiration\":1771321482}"),
      std::string::npos);
}

std::string error_text(Format format, Service service, const Error& error) {
  std::string out;
  append_error(out, format, service, error, kId);
  return out;
}

TEST(ErrorDocument, Xml) {
  const Error error =
      fail(ErrorCode::NoSuchEntity, "The user with name <x> cannot be found.").error();
  EXPECT_EQ(
      error_text(Format::Xml, Service::Iam, error),
      "<ErrorResponse "
      "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</"
      "Type><Code>NoSuchEntity"
      "</Code><Message>The user with name &lt;x&gt; cannot be found.</Message></Error><RequestId>"
      "01234567-89ab-cdef-0123-456789abcdef</RequestId></ErrorResponse>\n");
}

TEST(ErrorDocument, OddOnes) {
  const auto starts = [](const Error& error, std::string_view text) {
    return error_text(Format::Xml, Service::Sts, error).starts_with(text);
  };
  EXPECT_TRUE(starts(
      fail(ErrorCode::InvalidAction, "x").error(),
      "<ErrorResponse "
      "xmlns=\"http://webservices.amazon.com/AWSFault/2005-15-09\"><Error><Type>Sender</Type>"));
  EXPECT_TRUE(
      starts(make_error(ErrorCode::ReportNotPresent),
             "<ErrorResponse "
             "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>"
             "ReportNotPresent</Code></Error>"));
  const Error ours = service_failure("disk on fire");
  EXPECT_TRUE(
      starts(ours,
             "<ErrorResponse "
             "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Receiver</Type>"));
  EXPECT_EQ(error_text(Format::Xml, Service::Sts, ours).find("fire"), std::string::npos);
}

TEST(ErrorDocument, Json) {
  EXPECT_EQ(error_text(Format::Json, Service::Sts, fail(ErrorCode::AccessDenied, "no").error()),
            R"({"Error":{"Code":"AccessDenied","Message":"no","Type":"Sender"},)"
            R"("RequestId":"01234567-89ab-cdef-0123-456789abcdef"})");
}

}  // namespace
}  // namespace signet::facts
