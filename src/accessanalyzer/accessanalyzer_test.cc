#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "accessanalyzer/handlers.h"
#include "api/api_fixture_for_test.h"
#include "base/strings.h"
#include "codec/base64.h"

namespace signet::accessanalyzer {
namespace {

using authz::AuthzFixture;
using Texts = std::vector<std::string>;

constexpr std::string_view kBadToken =
    "ValidationError: The token is not valid, or not of this document.";

std::string policy(std::string_view statements) {
  return concat(R"({"Version":"2012-10-17","Statement":[)", statements, "]}");
}

std::string allow(std::string_view actions, std::string_view resource = "*") {
  return policy(
      concat(R"({"Effect":"Allow","Action":[)", actions, R"(],"Resource":")", resource, "\"}"));
}

class AccessAnalyzer : public testing::Test {
 protected:
  template <class Request>
  auto call(const Request& request) {
    return world_.call(AuthzFixture::root(), request);
  }

  static ValidatePolicyRequest request(std::string document,
                                       std::string_view type = "IDENTITY_POLICY") {
    ValidatePolicyRequest request;
    request.policy_document = std::move(document);
    request.policy_type = std::string(type);
    return request;
  }

  // "ERROR INVALID_ACTION" of each finding.
  std::set<std::string> codes(const ValidatePolicyRequest& asked) {
    const auto answer = call(asked);
    EXPECT_EQ(outcome(answer), "ok");
    std::set<std::string> codes;
    for (const ValidatePolicyFinding& one :
         answer ? answer->findings : std::vector<ValidatePolicyFinding>()) {
      codes.insert(concat(one.finding_type, " ", one.issue_code));
    }
    return codes;
  }

  // Result and message.
  template <class Response>
  static Texts told(const Result<Response>& answer) {
    if (!answer) {
      return {outcome(answer)};
    }
    return {answer->result.value_or(""), answer->message.value_or("")};
  }

  api::ApiFixture world_;
};

TEST_F(AccessAnalyzer, EveryOperationNeedsItsPermission) {
  const auto each = [this](std::string_view name, const auto& asked) {
    world_.change_user([](identity::User& user) {
      user.inline_policies = {{.name = "p", .document = authz::document("Allow", "s3:*")}};
    });
    const std::string refused = outcome(world_.call(AuthzFixture::user(), asked));
    EXPECT_TRUE(refused.starts_with("AccessDenied")) << refused;
    EXPECT_NE(refused.find(concat("access-analyzer:", name)), std::string::npos) << refused;
    world_.change_user([name](identity::User& user) {
      user.inline_policies = {
          {.name = "p", .document = authz::document("Allow", concat("access-analyzer:", name))}};
    });
    EXPECT_EQ(outcome(world_.call(AuthzFixture::user(), asked)), "ok") << name;
  };
  const std::string good = allow(R"("s3:GetObject")", "arn:aws:s3:::b/*");
  each("ValidatePolicy", request(good));
  each("CheckNoNewAccess",
       CheckNoNewAccessRequest{.new_policy_document = good,
                               .existing_policy_document = good,
                               .policy_type = "IDENTITY_POLICY"});
  each("CheckAccessNotGranted",
       CheckAccessNotGrantedRequest{.policy_document = good,
                                    .access = {{.actions = Texts{"s3:PutObject"}}},
                                    .policy_type = "IDENTITY_POLICY"});
  each("CheckNoPublicAccess",
       CheckNoPublicAccessRequest{.policy_document = good, .resource_type = "AWS::S3::Bucket"});
}

TEST_F(AccessAnalyzer, TheTypeSaysWhichRulesADocumentIsHeldTo) {
  const std::string bucket = policy(
      R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"})");
  const std::string trust = policy(
      R"({"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"})");
  const auto has_error = [this](const ValidatePolicyRequest& asked) {
    for (const std::string& code : codes(asked)) {
      if (code.starts_with("ERROR ")) {
        return true;
      }
    }
    return false;
  };
  EXPECT_TRUE(has_error(request(bucket))) << "an identity policy names no principal";
  EXPECT_FALSE(has_error(request(bucket, "RESOURCE_POLICY")));
  EXPECT_TRUE(has_error(request(bucket, "SERVICE_CONTROL_POLICY")));
  EXPECT_TRUE(has_error(request(trust)));
  EXPECT_FALSE(has_error(request(trust, "RESOURCE_POLICY"))) << "it names sts:AssumeRole";

  ValidatePolicyRequest named = request(trust, "RESOURCE_POLICY");
  named.validate_policy_resource_type = "AWS::IAM::AssumeRolePolicyDocument";
  EXPECT_FALSE(has_error(named));
  named.validate_policy_resource_type = "AWS::S3::Bucket";
  EXPECT_TRUE(has_error(named));
  named.validate_policy_resource_type = "AWS::DynamoDB::Table";
  EXPECT_EQ(outcome(call(named)),
            "ValidationError: Policies of AWS::DynamoDB::Table are not known here: AWS::S3::Bucket "
            "and AWS::IAM::AssumeRolePolicyDocument are.");
  named.policy_type = "IDENTITY_POLICY";
  EXPECT_EQ(outcome(call(named)),
            "ValidationError: A resource type is said of resource policies alone.");
}

TEST_F(AccessAnalyzer, WhatIsNoPolicyIsAnErrorAndNeverNothing) {
  for (const std::string_view text :
       {"",
        "{",
        "[]",
        "null",
        "{}",
        R"({"Version":"2012-10-17"})",
        R"({"Version":"2012-10-17","Statement":[{}]})",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]})",
        "\xFF\xFE"}) {
    for (const std::string_view type : {"IDENTITY_POLICY",
                                        "RESOURCE_POLICY",
                                        "SERVICE_CONTROL_POLICY",
                                        "RESOURCE_CONTROL_POLICY"}) {
      const auto answer = call(request(std::string(text), type));
      ASSERT_EQ(outcome(answer), "ok") << text;
      ASSERT_FALSE(answer->findings.empty()) << text << type;
      EXPECT_EQ(answer->findings[0].finding_type, "ERROR") << text << type;
      EXPECT_FALSE(answer->findings[0].issue_code.empty()) << text << type;
    }
  }
}

TEST_F(AccessAnalyzer, PlacesCountLinesFromOneAndColumnsFromNought) {
  const std::string text =
      "{\n \"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\",\n"
      "  \"Action\": \"s3:Nothing\", \"Resource\": \"*\"}]\n}";
  const auto answer = call(request(text));
  ASSERT_EQ(outcome(answer), "ok");
  bool is_found = false;
  for (const ValidatePolicyFinding& finding : answer->findings) {
    if (finding.issue_code != "INVALID_ACTION") {
      continue;
    }
    is_found = true;
    const Span& span = finding.locations.at(0).span;
    EXPECT_EQ(span.start.line, 4);
    EXPECT_EQ(span.start.column, 12);
    EXPECT_EQ(text.substr(static_cast<std::size_t>(span.start.offset),
                          static_cast<std::size_t>(span.end.offset - span.start.offset)),
              "\"s3:Nothing\"");
  }
  EXPECT_TRUE(is_found);
}

// Ten actions that there are not: ten findings.
std::string ten_faults() {
  std::string actions;
  for (int i = 0; i < 10; ++i) {
    actions += concat(i == 0 ? "" : ",", "\"s3:Nothing", std::to_string(i), "\"");
  }
  return allow(actions);
}

TEST_F(AccessAnalyzer, PagesHaveEveryFindingOnceInOrder) {
  const auto all = call(request(ten_faults()));
  ASSERT_EQ(outcome(all), "ok");
  ASSERT_GE(all->findings.size(), 10U);
  for (const std::int64_t size : {1, 3, 9, 100}) {
    ValidatePolicyRequest asked = request(ten_faults());
    asked.max_results = size;
    Texts details;
    do {
      const auto page = call(asked);
      ASSERT_EQ(outcome(page), "ok");
      ASSERT_LE(page->findings.size(), static_cast<std::size_t>(size));
      for (const ValidatePolicyFinding& finding : page->findings) {
        details.push_back(finding.finding_details);
      }
      asked.next_token = page->next_token;
    } while (asked.next_token && details.size() < 100);
    Texts wanted;
    for (const ValidatePolicyFinding& finding : all->findings) {
      wanted.push_back(finding.finding_details);
    }
    EXPECT_EQ(details, wanted) << size;
  }
}

TEST_F(AccessAnalyzer, ATokenIsForItsDocumentAlone) {
  ValidatePolicyRequest asked = request(ten_faults());
  asked.max_results = 2;
  const std::string token = call(asked)->next_token.value_or("");
  ASSERT_FALSE(token.empty());

  asked.next_token = token;
  EXPECT_EQ(outcome(call(asked)), "ok");
  ValidatePolicyRequest other = asked;
  other.policy_document += " ";
  EXPECT_EQ(outcome(call(other)), kBadToken);
  other = asked;
  other.policy_type = "SERVICE_CONTROL_POLICY";
  EXPECT_EQ(outcome(call(other)), kBadToken);

  const std::string start = codec::decode_base64(token)->substr(0, 33);
  for (const std::string& text : {std::string(),
                                  std::string("x"),
                                  token + "A",
                                  codec::encode_base64(start),
                                  codec::encode_base64(start + "0"),
                                  codec::encode_base64(start + "-1"),
                                  codec::encode_base64(start + "2x"),
                                  codec::encode_base64(start + "1000"),
                                  codec::encode_base64(start + "99999999999999999999")}) {
    asked.next_token = text;
    EXPECT_EQ(outcome(call(asked)), kBadToken) << text;
  }
  asked.next_token.reset();
  asked.max_results = 0;
  EXPECT_EQ(outcome(call(asked)),
            "ValidationError: The number of findings of a page is at least 1.");
}

TEST_F(AccessAnalyzer, NewAccessIsTold) {
  const std::string before = allow(R"("s3:GetObject")", "arn:aws:s3:::b/*");
  const auto check = [&](const std::string& now) {
    return told(call(CheckNoNewAccessRequest{.new_policy_document = now,
                                             .existing_policy_document = before,
                                             .policy_type = "IDENTITY_POLICY"}));
  };
  constexpr const char* kNew =
      "The modified permissions grant new access compared to your existing policy.";
  EXPECT_EQ(check(before)[0], "PASS");
  EXPECT_EQ(check(allow(R"("s3:GetObject")", "arn:aws:s3:::b/a/*"))[0], "PASS") << "less";
  EXPECT_EQ(check(allow(R"("s3:GetObject")")), (Texts{"FAIL", kNew}));
  EXPECT_EQ(check(allow(R"("s3:Get*")", "arn:aws:s3:::b/*")), (Texts{"FAIL", kNew}));
  EXPECT_TRUE(check("{")[0].starts_with("MalformedPolicyDocument: newPolicyDocument: "))
      << check("{")[0];
}

TEST_F(AccessAnalyzer, AccessThatIsGrantedNamesItsStatement) {
  const std::string document =
      policy(R"({"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"*"},)"
             R"({"Effect":"Allow","Action":"s3:Put*","Resource":"arn:aws:s3:::b/*"})");
  const auto check = [&](Texts actions, Texts resources = {}) {
    Access access{.actions = std::move(actions)};
    if (!resources.empty()) {
      access.resources = std::move(resources);
    }
    return call(CheckAccessNotGrantedRequest{
        .policy_document = document, .access = {access}, .policy_type = "IDENTITY_POLICY"});
  };
  EXPECT_EQ(told(check({"s3:DeleteObject"}))[0], "PASS");
  EXPECT_EQ(told(check({"s3:PutObject"}, {"arn:aws:s3:::other/*"}))[0], "PASS");

  const auto read = check({"s3:DeleteObject", "s3:GetObject"});
  EXPECT_EQ(told(read)[0], "FAIL");
  ASSERT_EQ(read->reasons->size(), 1U);
  EXPECT_EQ(read->reasons->at(0).statement_index, 0);
  EXPECT_EQ(read->reasons->at(0).statement_id, "Read");
  const auto written = check({"s3:PutObject"});
  ASSERT_EQ(written->reasons->size(), 1U);
  EXPECT_EQ(written->reasons->at(0).statement_index, 1);
  EXPECT_FALSE(written->reasons->at(0).statement_id);
  EXPECT_EQ(written->reasons->at(0).description,
            "One or more of the listed actions in the statement with index: 1.");
}

TEST_F(AccessAnalyzer, AnAccessOfNothingIsNoQuestion) {
  constexpr std::string_view kMissing =
      "ValidationError: The access to check names an action or a resource.";
  CheckAccessNotGrantedRequest asked{
      .policy_document = allow(R"("s3:*")"), .access = {}, .policy_type = "IDENTITY_POLICY"};
  EXPECT_EQ(outcome(call(asked)), kMissing);
  asked.access = {Access{}};
  EXPECT_EQ(outcome(call(asked)), kMissing);
  asked.access = {{.actions = Texts{}, .resources = Texts{}}};
  EXPECT_EQ(outcome(call(asked)), kMissing);
}

TEST_F(AccessAnalyzer, PublicAccessIsOfEverybody) {
  const auto check = [this](std::string_view principal, std::string_view more = "") {
    return told(call(CheckNoPublicAccessRequest{
        .policy_document =
            policy(concat(R"({"Effect":"Allow","Principal":)",
                          principal,
                          R"(,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*")",
                          more,
                          "}")),
        .resource_type = "AWS::S3::Bucket"}))[0];
  };
  EXPECT_EQ(check("\"*\""), "FAIL");
  EXPECT_EQ(check(R"({"AWS":"*"})"), "FAIL");
  EXPECT_EQ(check(R"({"AWS":"111122223333"})"), "PASS");
  EXPECT_EQ(
      check("\"*\"", R"(,"Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}})"),
      "PASS");
}

}  // namespace
}  // namespace signet::accessanalyzer
