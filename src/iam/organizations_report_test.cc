#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "facts/catalogue.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

using identity::OrgLevel;

constexpr std::string_view kOrganization = "o-example123";
constexpr const char* kRoot = "o-example123/r-ab12";
constexpr const char* kUnit = "o-example123/r-ab12/ou-ab12-11111111";
constexpr const char* kPolicyArn =
    "arn:aws:organizations::111122223333:policy/o-example123/service_control_policy/p-storage1";

OrgLevel level(const std::vector<std::pair<std::string, std::string>>& policies) {
  OrgLevel made;
  for (const auto& [name, text] : policies) {
    made.policies.push_back({.name = name, .document = identity::make_document(text)});
  }
  return made;
}

std::string statement(std::string_view effect, std::string_view action) {
  return concat(R"({"Version":"2012-10-17","Statement":[{"Effect":")",
                effect,
                R"(","Action":")",
                action,
                R"(","Resource":"*"}]})");
}

// The first account manages the organization; the second is in a unit that has storage only, and
// may not use SQS.
class OrganizationsReport : public ::testing::Test {
 protected:
  OrganizationsReport() {
    const std::string everything(kAllowAll);
    world_.write([&](identity::Transaction& transaction) {
      identity::OrgPolicies management;
      management.account = IamFixture::kAccount;
      management.is_management = true;
      management.organization_id = kOrganization;
      management.path = concat(kRoot, "/");
      transaction.put(std::move(management));
      identity::OrgPolicies member;
      member.account = IamFixture::kOther;
      member.organization_id = kOrganization;
      member.path = concat(kUnit, "/");
      member.scps = {
          level({{"FullAWSAccess", everything}}),
          level({{kPolicyArn, statement("Allow", "s3:*")},
                 {"queues", statement("Allow", "sqs:*")},
                 {"people", statement("Allow", "iam:*")}}),
          level({{"FullAWSAccess", everything}, {"no-queues", statement("Deny", "sqs:*")}})};
      transaction.put(std::move(member));
      identity::LastAccess root;
      root.account = IamFixture::kOther;
      root.id = IamFixture::kOther;
      root.services = {{.service = "s3",
                        .at = world_.now().plus_seconds(-60),
                        .region = "eu-west-1",
                        .actions = {}}};
      transaction.put(std::move(root));
    });
  }

  std::string generate(const std::string& path, const std::string& policy = "") {
    GenerateOrganizationsAccessReportRequest request{.entity_path = path};
    if (!policy.empty()) {
      request.organizations_policy_id = policy;
    }
    const auto answer = world_.call(request);
    return answer ? *answer->job_id : outcome(answer);
  }

  auto read(const std::string& job) {
    return world_.call(GetOrganizationsAccessReportRequest{.job_id = job});
  }

  // "namespace accounts; ..." or the error of the job.
  std::string services(const std::string& path, const std::string& policy = "") {
    const auto report = read(generate(path, policy));
    if (!report) {
      return outcome(report);
    }
    if (report->error_details) {
      return concat(report->job_status, " ", report->error_details->code);
    }
    std::string text;
    for (const AccessDetail& detail : *report->access_details) {
      text += concat(detail.service_namespace,
                     " ",
                     std::to_string(*detail.total_authenticated_entities),
                     "; ");
    }
    return text;
  }

  static std::string member_path() { return concat(kUnit, "/", IamFixture::kOther); }

  IamFixture world_;
};

TEST_F(OrganizationsReport, TellsWhatPoliciesLeaveToAnAccount) {
  EXPECT_EQ(services(member_path()), "iam 0; s3 1; ");

  const auto report = read(generate(member_path()));
  EXPECT_EQ(report->job_status, "COMPLETED");
  EXPECT_EQ(report->number_of_services_accessible, 2);
  EXPECT_EQ(report->number_of_services_not_accessed, 1);
  const AccessDetail& s3 = report->access_details->at(1);
  EXPECT_EQ(s3.service_name, "Amazon S3");
  EXPECT_EQ(s3.region, "eu-west-1");
  EXPECT_EQ(s3.entity_path, member_path());
  EXPECT_EQ(s3.last_authenticated_time, world_.now().plus_seconds(-60));
}

TEST_F(OrganizationsReport, OfAUnitLooksAtThePoliciesUponIt) {
  // The denial lies on the account, not on the unit.
  EXPECT_EQ(services(kUnit), "iam 0; s3 1; sqs 0; ");
  EXPECT_EQ(services(concat(kUnit, "/")), "iam 0; s3 1; sqs 0; ");
}

TEST_F(OrganizationsReport, OfTheRootAndTheManagementAccountHasEverything) {
  const auto all = static_cast<std::int64_t>(facts::services().size());

  EXPECT_EQ(read(generate(kRoot))->number_of_services_accessible, all);
  EXPECT_EQ(read(generate(concat(kRoot, "/", IamFixture::kAccount)))->number_of_services_accessible,
            all);
}

TEST_F(OrganizationsReport, OfOnePolicyHasWhatThatAllows) {
  EXPECT_EQ(services(kUnit, "p-storage1"), "s3 1; ");
  EXPECT_EQ(read(generate(kUnit, "p-FullAWSAccess"))->number_of_services_accessible,
            static_cast<std::int64_t>(facts::services().size()));
  EXPECT_EQ(services(kUnit, "p-nosuchid"), "FAILED NoSuchEntity");
}

TEST_F(OrganizationsReport, IsSortedAsItIsAskedFor) {
  const std::string job = generate(member_path());
  const auto order = [&](const char* key) {
    const auto report = world_.call(
        GetOrganizationsAccessReportRequest{.job_id = job, .sort_key = std::string(key)});
    EXPECT_EQ(outcome(report), "ok");
    std::string text;
    for (const AccessDetail& detail : *report->access_details) {
      text += detail.service_namespace + " ";
    }
    return text;
  };

  EXPECT_EQ(order("SERVICE_NAMESPACE_ASCENDING"), "iam s3 ");
  EXPECT_EQ(order("SERVICE_NAMESPACE_DESCENDING"), "s3 iam ");
  EXPECT_EQ(order("LAST_AUTHENTICATED_TIME_ASCENDING"), "iam s3 ");
  EXPECT_EQ(order("LAST_AUTHENTICATED_TIME_DESCENDING"), "s3 iam ");
}

TEST_F(OrganizationsReport, ComesInPages) {
  const std::string job = generate(member_path());
  GetOrganizationsAccessReportRequest request{.job_id = job, .max_items = 1};
  const auto first = world_.call(request);
  ASSERT_EQ(outcome(first), "ok");
  ASSERT_TRUE(*first->is_truncated);
  EXPECT_EQ(first->access_details->at(0).service_namespace, "iam");

  request.marker = first->marker;
  const auto second = world_.call(request);

  ASSERT_EQ(outcome(second), "ok");
  EXPECT_FALSE(*second->is_truncated);
  EXPECT_EQ(second->access_details->at(0).service_namespace, "s3");
  request.sort_key = "SERVICE_NAMESPACE_DESCENDING";
  EXPECT_EQ(outcome(world_.call(request)), "ValidationError: Invalid Marker.");
}

TEST_F(OrganizationsReport, IsForTheManagementAccount) {
  const model::Caller member = IamFixture::root(IamFixture::kOther);
  const auto job =
      world_.call(member, GenerateOrganizationsAccessReportRequest{.entity_path = kRoot});
  ASSERT_EQ(outcome(job), "ok");

  const auto report =
      world_.call(member, GetOrganizationsAccessReportRequest{.job_id = *job->job_id});

  ASSERT_EQ(outcome(report), "ok");
  EXPECT_EQ(report->job_status, "FAILED");
  EXPECT_EQ(report->error_details->code, "AccessDenied");
  EXPECT_FALSE(report->access_details);
  EXPECT_TRUE(
      outcome(world_.call(member, GetOrganizationsAccessReportRequest{.job_id = generate(kRoot)}))
          .starts_with("NoSuchEntity: "));
}

TEST_F(OrganizationsReport, FailsForAnEntityThatIsNotThere) {
  EXPECT_EQ(services("o-example123/r-zz99"), "FAILED NoSuchEntity");
  EXPECT_EQ(services("o-another123/r-ab12"), "FAILED NoSuchEntity");
  EXPECT_EQ(services(concat(kRoot, "/999999999999")), "FAILED NoSuchEntity");
}

TEST_F(OrganizationsReport, IsRefusedWhileThereAreTooMany) {
  world_.write([&](identity::Transaction& transaction) {
    for (int i = 0; i < 1000; ++i) {
      identity::AccessReport report;
      report.account = IamFixture::kAccount;
      report.id = std::to_string(i);
      report.created = world_.now();
      transaction.put(std::move(report));
    }
  });
  EXPECT_EQ(generate(kRoot),
            "ReportGenerationLimitExceeded: The account has too many reports of the last hour.");

  world_.advance_seconds(3601);
  EXPECT_EQ(read(generate(kRoot))->job_status, "COMPLETED");
}

TEST_F(OrganizationsReport, NeedsPermissionForThePathAndThePolicy) {
  const model::Caller caller = world_.make_caller(
      "auditor",
      concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
          "Action":"iam:GenerateOrganizationsAccessReport",
          "Resource":"arn:aws:iam::111122223333:access-report/)",
             kUnit,
             R"(*","Condition":{"StringEquals":{"iam:OrganizationsPolicyId":"p-storage1"}}}]})"));
  const auto by = [&](const char* path, const char* policy) {
    GenerateOrganizationsAccessReportRequest request{.entity_path = path};
    request.organizations_policy_id = policy;
    return outcome(world_.call(caller, request)).substr(0, 12);
  };

  EXPECT_EQ(by(kUnit, "p-storage1"), "ok");
  EXPECT_EQ(by(kUnit, "p-FullAWSAccess"), "AccessDenied");
  EXPECT_EQ(by(kRoot, "p-storage1"), "AccessDenied");
}

}  // namespace
}  // namespace signet::iam
