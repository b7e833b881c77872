#include "policy_writing/check_document.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "base/testdata_for_test.h"
#include "policy_language/policy_json.h"

namespace signet::policy {
namespace {

constexpr const char* kFiles[] = {"structure.json",
                                  "actions.json",
                                  "resources.json",
                                  "conditions.json",
                                  "values.json",
                                  "principals.json",
                                  "trust.json",
                                  "power.json",
                                  "fail_open.json"};

PolicyJson samples_of(const char* file) {
  std::ifstream in(testdata_path("policy/findings/") + file, std::ios::binary);
  auto json =
      PolicyJson::parse({std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
  EXPECT_TRUE(json.has_value()) << file << ": " << json.error().message;
  return *std::move(json);
}

Profile profile_of(std::string_view name) {
  static constexpr std::pair<std::string_view, Profile> kProfiles[] = {{"trust", Profile::Trust},
                                                                       {"bucket", Profile::Bucket},
                                                                       {"scp", Profile::Scp},
                                                                       {"rcp", Profile::Rcp}};
  for (const auto& [known, profile] : kProfiles) {
    if (known == name) {
      return profile;
    }
  }
  return Profile::Identity;
}

// One row of testdata/policy/findings: a policy that must have the finding, and one like it that
// must not.
struct Sample {
  const PolicyJson& json;
  NodeId node;

  [[nodiscard]] std::string_view text(std::string_view member) const {
    const NodeId value = json.member(node, member);
    return value == kNoNode ? std::string_view() : json[value].content;
  }

  // A policy that is a string is the text itself; PAD in it is as long as "pad" says.
  [[nodiscard]] std::string policy(std::string_view member) const {
    const NodeId value = json.member(node, member);
    std::string out(json.is(value, JsonKind::String) ? json[value].content : json.raw(value));
    if (const std::size_t at = out.find("PAD"); at != std::string::npos) {
      out.replace(at, 3, std::stoul(std::string(text("pad"))), 'x');
    }
    return out;
  }

  [[nodiscard]] std::vector<Finding> check(std::string_view member) const {
    std::vector<std::string> known;
    if (const NodeId list = json.member(node, "known_accounts"); list != kNoNode) {
      known.emplace_back(json[list + 1].content);
    }
    CheckOptions options{
        .document = {.profile = profile_of(text("profile")), .bucket = "b", .settings = {}},
        .known_accounts = known};
    options.document.settings.classic_scp_language = json.member(node, "settings") != kNoNode;
    return check_document(policy(member), options);
  }
};

bool has(const std::vector<Finding>& findings, std::string_view code) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.code() == code;
  });
}

std::string codes(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    out += concat(out.empty() ? "" : " ", finding.code());
  }
  return out;
}

class FindingFile : public testing::TestWithParam<const char*> {};

TEST_P(FindingFile, FindsEachSampleAndLeavesItsNearMissAlone) {
  const PolicyJson json = samples_of(GetParam());
  for (NodeId node = 1; node < json[0].next; node = json[node].next) {
    const Sample sample{json, node};
    const std::string_view wanted = sample.text("finding");

    const auto found = sample.check("policy");
    const auto near = sample.check("near");

    EXPECT_TRUE(has(found, wanted)) << json.raw(node) << "\n  has: " << codes(found);
    EXPECT_FALSE(has(near, wanted)) << json.raw(node) << "\n  near miss has: " << codes(near);
  }
}

INSTANTIATE_TEST_SUITE_P(Policy, FindingFile, testing::ValuesIn(kFiles));

TEST(Check, EveryKindHasASample) {
  std::set<std::string> sampled;
  for (const char* file : kFiles) {
    const PolicyJson json = samples_of(file);
    for (NodeId node = 1; node < json[0].next; node = json[node].next) {
      sampled.emplace(Sample{json, node}.text("finding"));
    }
  }
  for (const facts::PolicyFinding& row : facts::policy_findings()) {
    EXPECT_TRUE(sampled.contains(std::string(row.name))) << row.name;
  }
}

TEST(Check, ACopySourceWithASlashIsASecurityWarningWhereItFailsOpen) {
  const std::tuple<const char*, const char*, Severity> rows[] = {
      {"Deny", "StringLike", Severity::SecurityWarning},
      {"Allow", "StringNotEquals", Severity::SecurityWarning},
      {"Deny", "StringNotLike", Severity::Warning},
      {"Allow", "StringEquals", Severity::Warning}};
  for (const auto& [effect, op, severity] : rows) {
    const std::string text =
        concat(R"({"Version":"2012-10-17","Statement":{"Effect":")",
               effect,
               R"(","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*","Condition":{")",
               op,
               R"(":{"s3:x-amz-copy-source":"/photos/a.png"}}}})");
    const auto findings = check_document(text, {});
    const auto found = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
      return finding.id == facts::FindingId::CopySourceWithSlash;
    });
    ASSERT_NE(found, findings.end()) << text;
    EXPECT_EQ(found->severity, severity) << text;
  }
}

TEST(Check, CleanPoliciesAreSilent) {
  const std::pair<Profile, const char*> rows[] = {
      {Profile::Identity,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}})"},
      {Profile::Identity,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}})"},
      {Profile::Identity,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]}}}})"},
      {Profile::Trust,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}})"},
      {Profile::Bucket,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}})"},
      {Profile::Scp,
       R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}})"},
  };
  for (const auto& [profile, text] : rows) {
    const auto findings = check_document(
        text,
        {.document = {.profile = profile, .bucket = "b", .settings = {}}, .known_accounts = {}});
    EXPECT_EQ(codes(findings), "") << text;
  }
}

TEST(Check, RaisesNoErrorOnTheManagedPoliciesOfAws) {
  // AWS stores these, so an error about one would be a false alarm. The whole set is measured by
  // hand: docs/reference/policy-findings.md says how.
  for (
      const char* text : {
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:CreateServiceLinkedRole","Resource":"*","Condition":{"StringEquals":{"iam:AWSServiceName":["autoscaling.amazonaws.com","spot.amazonaws.com"]}}}})",
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::b"}}}})",
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":{"StringEquals":{"secretsmanager:ResourceTag/aws:secretsmanager:owningService":"x"}}}})",
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"zocalo:*","Resource":"*"}})",
      }) {
    for (const Finding& finding : check_document(text, {})) {
      EXPECT_NE(finding.severity, Severity::Error) << text << ": " << finding.message;
    }
  }
}

TEST(Check, TakesTheBucketFromTheDocumentWhenNobodyNamesOne) {
  const char* one =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":["arn:aws:s3:::photos/*"]}})";
  const char* two =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":["arn:aws:s3:::photos/*","arn:aws:s3:::videos/*"]}})";
  const CheckOptions options{.document = {.profile = Profile::Bucket, .bucket = {}, .settings = {}},
                             .known_accounts = {}};

  EXPECT_EQ(codes(check_document(one, options)), "");
  EXPECT_TRUE(has(check_document(two, options), "UnsupportedResourceInPolicy"));
}

TEST(Check, BoundsWorkOnHostileTexts) {
  std::string actions;
  for (int i = 0; i < 2'000; ++i) {
    actions += concat(actions.empty() ? "" : ",", "\"s3:G*t*", std::to_string(i), "\"");
  }
  const std::string stars(2'000, '*');
  for (const std::string& text :
       {concat(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":[)",
               actions,
               "]}}"),
        concat(
            R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":")",
            "arn:aws:s3:::",
            stars,
            "\"}}"),
        std::string(1'000, '['),
        std::string()}) {
    EXPECT_LE(check_document(text, {}).size(), 3'000U);
  }
}

TEST(Check, NamesOfAwsAndOursMeanTheSameFinding) {
  const Finding finding{
      .id = facts::FindingId::PassRoleWithStar, .message = {}, .begin = {}, .end = {}};

  EXPECT_TRUE(is_called(finding, "PassRoleWithStar"));
  EXPECT_TRUE(is_called(finding, "PASS_ROLE_WITH_STAR_IN_RESOURCE"));
  EXPECT_FALSE(is_called(finding, "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"));
  EXPECT_FALSE(
      is_called({.id = facts::FindingId::FullAccess, .message = {}, .begin = {}, .end = {}}, ""));
  EXPECT_TRUE(is_finding_name("redundant_action"));
  EXPECT_FALSE(is_finding_name("RedundantActions"));
  EXPECT_FALSE(is_finding_name(""));
}

TEST(Check, NoNameMeansTwoFindings) {
  for (std::size_t i = 0; i < facts::kFindingCount; ++i) {
    const Finding finding{
        .id = static_cast<facts::FindingId>(i), .message = {}, .begin = {}, .end = {}};
    for (const facts::PolicyFinding& other : facts::policy_findings()) {
      if (other.name != finding.code()) {
        EXPECT_FALSE(is_called(finding, other.name)) << other.name;
        EXPECT_FALSE(!other.aws.empty() && is_called(finding, other.aws)) << other.aws;
      }
    }
  }
}

std::vector<CheckedFile> checked(std::string name, std::string_view text) {
  CheckedFile file{.name = std::move(name), .findings = {}, .summary = {}};
  file.findings = check_document(text, {}, &file.summary);
  return {file};
}

TEST(Check, SaysWhatItLookedAtEvenWithoutFindings) {
  const auto files = checked(
      "a.json",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]})");

  EXPECT_EQ(render_findings(files, "identity"),
            "checked 1 document, 1 statement as identity policy: no findings\n");
  EXPECT_EQ(findings_json(files), "[\n]");
}

TEST(Check, RendersWithPositionsAndBothNames) {
  const auto files = checked(
      "a.json",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}})");

  EXPECT_EQ(render_findings(files, "identity"),
            "a.json:1:64: security-warning: lets every role be passed to every service: name the "
            "resources, or ask iam:PassedToService in a condition [PassRoleWithStar, "
            "PASS_ROLE_WITH_STAR_IN_RESOURCE]\n"
            "checked 1 document, 1 statement as identity policy: 1 security warning\n");
  EXPECT_TRUE(PolicyJson::parse(findings_json(files)).has_value());
  const auto sarif = PolicyJson::parse(findings_sarif(files));
  ASSERT_TRUE(sarif.has_value()) << sarif.error().message;
  EXPECT_NE(findings_sarif(files).find("\"startColumn\":64"), std::string::npos);
  EXPECT_NE(
      findings_sarif(files).find(
          R"({"id":"PassRoleWithStar","properties":{"awsIssueCode":"PASS_ROLE_WITH_STAR_IN_RESOURCE",)"),
      std::string::npos);
}

}  // namespace
}  // namespace signet::policy
