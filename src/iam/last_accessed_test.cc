#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

std::string allow(std::string_view actions) {
  return concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[)",
                actions,
                R"(],"Resource":"*"}]})");
}

std::string arn(std::string_view resource) {
  return concat("arn:aws:iam::", IamFixture::kAccount, ":", resource);
}

class LastAccessed : public ::testing::Test {
 protected:
  LastAccessed() {
    world_.make_user("ann");
    call(PutUserPolicyRequest{.user_name = "ann",
                              .policy_name = "own",
                              .policy_document = allow(R"("s3:Get*","sqs:*","iam:ListUsers")")});
  }

  template <class Request>
  void call(const Request& request) {
    ASSERT_EQ(outcome(world_.call(request)), "ok");
  }

  std::string id_of(std::string_view user) {
    return world_.snapshot()->find<identity::User>(IamFixture::kAccount, user)->id;
  }

  // A use of an action, seconds before now.
  void use(const std::string& id, const std::string& service, const std::string& action, int ago) {
    const Instant at = world_.now().plus_seconds(-ago);
    world_.write([&](identity::Transaction& transaction) {
      const auto* known = transaction.view().find<identity::LastAccess>(id);
      identity::LastAccess access = known != nullptr ? *known : identity::LastAccess();
      access.account = IamFixture::kAccount;
      access.id = id;
      access.services.push_back({.service = service,
                                 .at = at,
                                 .region = "eu-west-1",
                                 .actions = {{.action = action, .at = at, .region = "eu-west-1"}}});
      std::ranges::sort(access.services, {}, &identity::ServiceAccess::service);
      transaction.put(std::move(access));
    });
  }

  // The job's id, or the refusal.
  std::string generate(const std::string& subject, bool has_actions = false) {
    GenerateServiceLastAccessedDetailsRequest request{.arn = subject};
    if (has_actions) {
      request.granularity = "ACTION_LEVEL";
    }
    const auto answer = world_.call(request);
    return answer ? *answer->job_id : outcome(answer);
  }

  GetServiceLastAccessedDetailsResponse read(const std::string& job) {
    auto answer = world_.call(GetServiceLastAccessedDetailsRequest{.job_id = job});
    EXPECT_EQ(outcome(answer), "ok");
    return answer ? *std::move(answer) : GetServiceLastAccessedDetailsResponse();
  }

  // "namespace entities; ..." of a report.
  std::string services(const std::string& subject) {
    std::string text;
    for (const ServiceLastAccessed& service : read(generate(subject)).services_last_accessed) {
      text += concat(service.service_namespace,
                     " ",
                     std::to_string(service.total_authenticated_entities.value_or(-1)),
                     service.last_authenticated ? "+; " : "; ");
    }
    return text;
  }

  std::string entities(const std::string& job, const std::string& service) {
    const auto answer = world_.call(GetServiceLastAccessedDetailsWithEntitiesRequest{
        .job_id = job, .service_namespace = service});
    if (!answer) {
      return outcome(answer);
    }
    std::string text;
    for (const EntityDetails& one : answer->entity_details_list) {
      text += concat(
          one.entity_info.type, " ", one.entity_info.arn, one.last_authenticated ? "+; " : "; ");
    }
    return text;
  }

  IamFixture world_;
};

TEST_F(LastAccessed, TellsOfEveryServiceThatTheEntityMayUse) {
  use(id_of("ann"), "s3", "GetObject", 60);
  use(id_of("ann"), "dynamodb", "GetItem", 60);  // not allowed any more

  const auto report = read(generate(arn("user/ann")));

  EXPECT_EQ(report.job_status, "COMPLETED");
  EXPECT_EQ(report.job_type, "SERVICE_LEVEL");
  EXPECT_FALSE(report.error);
  EXPECT_EQ(services(arn("user/ann")), "iam 0; s3 1+; sqs 0; ");
  const ServiceLastAccessed& s3 = report.services_last_accessed.at(1);
  EXPECT_EQ(s3.service_name, "Amazon S3");
  EXPECT_EQ(s3.last_authenticated, world_.now().plus_seconds(-60));
  EXPECT_EQ(s3.last_authenticated_entity, arn("user/ann"));
  EXPECT_EQ(s3.last_authenticated_region, "eu-west-1");
  EXPECT_FALSE(s3.tracked_actions_last_accessed);
}

TEST_F(LastAccessed, ActionsOfServedServicesAreTold) {
  use(id_of("ann"), "s3", "GetObject", 60);

  const auto report = read(generate(arn("user/ann"), true));

  EXPECT_EQ(report.job_type, "ACTION_LEVEL");
  ASSERT_EQ(report.services_last_accessed.size(), 3U);
  const auto& iam = *report.services_last_accessed[0].tracked_actions_last_accessed;
  ASSERT_EQ(iam.size(), 1U);
  EXPECT_EQ(iam[0].action_name, "ListUsers");
  EXPECT_FALSE(iam[0].last_accessed_time);
  const auto& s3 = *report.services_last_accessed[1].tracked_actions_last_accessed;
  const auto used = std::ranges::find_if(
      s3, [](const TrackedActionLastAccessed& one) { return one.action_name == "GetObject"; });
  ASSERT_NE(used, s3.end());
  EXPECT_EQ(used->last_accessed_entity, arn("user/ann"));
  EXPECT_EQ(used->last_accessed_region, "eu-west-1");
  EXPECT_TRUE(std::ranges::none_of(
      s3, [](const TrackedActionLastAccessed& one) { return one.action_name == "PutObject"; }));
  EXPECT_FALSE(report.services_last_accessed[2].tracked_actions_last_accessed);
}

TEST_F(LastAccessed, OfAGroupAreThoseOfItsMembers) {
  world_.make_group("crew");
  call(AddUserToGroupRequest{.group_name = "crew", .user_name = "ann"});
  call(PutGroupPolicyRequest{
      .group_name = "crew", .policy_name = "p", .policy_document = allow(R"("sts:*","s3:*")")});
  world_.make_user("bob");
  call(AddUserToGroupRequest{.group_name = "crew", .user_name = "bob"});
  world_.make_user("eve");
  use(id_of("ann"), "s3", "GetObject", 60);
  use(id_of("bob"), "s3", "PutObject", 30);
  use(id_of("eve"), "sts", "AssumeRole", 10);

  EXPECT_EQ(services(arn("group/crew")), "s3 2+; sts 0; ");
  const std::string job = generate(arn("group/crew"));
  EXPECT_EQ(read(job).services_last_accessed[0].last_authenticated_entity, arn("user/bob"));
  EXPECT_EQ(entities(job, "s3"),
            concat("USER ", arn("user/ann"), "+; USER ", arn("user/bob"), "+; "));
  EXPECT_EQ(entities(job, "STS"),
            concat("USER ", arn("user/ann"), "; USER ", arn("user/bob"), "; "));
  EXPECT_EQ(entities(job, "sqs"), "");
}

TEST_F(LastAccessed, OfAPolicyAreThoseOfAllWhoHaveIt) {
  const std::string policy = world_.make_policy("all");
  world_.make_role("machine");
  world_.make_group("crew");
  call(AddUserToGroupRequest{.group_name = "crew", .user_name = "ann"});
  call(AttachGroupPolicyRequest{.group_name = "crew", .policy_arn = policy});
  call(AttachUserPolicyRequest{.user_name = "ann", .policy_arn = policy});
  call(AttachRolePolicyRequest{.role_name = "machine", .policy_arn = policy});
  world_.make_user("bounded");
  call(PutUserPermissionsBoundaryRequest{.user_name = "bounded", .permissions_boundary = policy});

  EXPECT_EQ(entities(generate(policy), "s3"),
            concat("ROLE ", arn("role/machine"), "; USER ", arn("user/ann"), "; "));
  EXPECT_EQ(read(generate(std::string(IamFixture::kReadOnly))).services_last_accessed.size(), 100U);
}

TEST_F(LastAccessed, OlderThanFourHundredDaysAreForgotten) {
  use(id_of("ann"), "s3", "GetObject", 400 * 86'400 + 1);
  EXPECT_EQ(services(arn("user/ann")), "iam 0; s3 0; sqs 0; ");
}

TEST_F(LastAccessed, ReportsComeInPages) {
  const std::string job = generate(arn("user/ann"));
  GetServiceLastAccessedDetailsRequest request{.job_id = job, .max_items = 1};
  std::string seen;
  for (int page = 0; page < 5; ++page) {
    const auto answer = world_.call(request);
    ASSERT_EQ(outcome(answer), "ok");
    ASSERT_EQ(answer->services_last_accessed.size(), 1U);
    seen += answer->services_last_accessed[0].service_namespace + " ";
    request.marker = answer->marker;
    if (!*answer->is_truncated) {
      break;
    }
  }
  EXPECT_EQ(seen, "iam s3 sqs ");
  request.marker = "made up";
  EXPECT_EQ(outcome(world_.call(request)), "ValidationError: Invalid Marker.");
}

TEST_F(LastAccessed, AReportIsForThoseWhoAskedForIt) {
  const std::string job = generate(arn("user/ann"));
  const model::Caller other = world_.make_caller("other", kAllowAll);
  const std::string unknown = "00000000-0000-4000-8000-000000000000";

  EXPECT_EQ(outcome(world_.call(other, GetServiceLastAccessedDetailsRequest{.job_id = job})),
            "NoSuchEntity: The job with id " + job + " cannot be found.");
  EXPECT_EQ(outcome(world_.call(IamFixture::root(IamFixture::kOther),
                                GetServiceLastAccessedDetailsRequest{.job_id = job})),
            "NoSuchEntity: The job with id " + job + " cannot be found.");
  EXPECT_EQ(outcome(world_.call(GetServiceLastAccessedDetailsRequest{.job_id = unknown})),
            "NoSuchEntity: The job with id " + unknown + " cannot be found.");
  EXPECT_EQ(entities(unknown, "s3"),
            "NoSuchEntity: The job with id " + unknown + " cannot be found.");
  EXPECT_EQ(outcome(world_.call(GetOrganizationsAccessReportRequest{.job_id = job})),
            "NoSuchEntity: The job with id " + job + " cannot be found.");
}

TEST_F(LastAccessed, AReportFailsWhenItsSubjectIsGone) {
  world_.make_user("bob");
  const std::string job = generate(arn("user/bob"));
  call(DeleteUserRequest{.user_name = "bob"});

  const auto report = read(job);

  EXPECT_EQ(report.job_status, "FAILED");
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->code, "NoSuchEntity");
  EXPECT_EQ(report.error->message, "The user with name bob cannot be found.");
  EXPECT_TRUE(report.services_last_accessed.empty());
}

TEST_F(LastAccessed, AreOfSubjectsThatExist) {
  EXPECT_EQ(generate(arn("user/none")), "NoSuchEntity: The user with name none cannot be found.");
  EXPECT_EQ(generate(arn("group/none")), "NoSuchEntity: The group with name none cannot be found.");
  EXPECT_EQ(generate(arn("role/none")), "NoSuchEntity: The role with name none cannot be found.");
  EXPECT_EQ(generate(arn("policy/none")),
            concat("NoSuchEntity: Policy ", arn("policy/none"), " was not found."));
  EXPECT_TRUE(generate(arn("mfa/device")).starts_with("InvalidInput: "));
  EXPECT_TRUE(generate("arn:aws:iam::444455556666:user/ann").starts_with("AccessDenied: "));
}

TEST_F(LastAccessed, AnAccountKeepsAThousandReports) {
  world_.write([](identity::Transaction& transaction) {
    for (int i = 0; i < 1000; ++i) {
      identity::AccessReport report;
      report.account = IamFixture::kAccount;
      report.id = std::to_string(i);
      report.created = Instant::from_seconds(i);
      transaction.put(std::move(report));
    }
  });

  const std::string job = generate(arn("user/ann"));

  EXPECT_EQ(read(job).job_status, "COMPLETED");
  const auto snapshot = world_.snapshot();
  EXPECT_EQ(snapshot->table<identity::AccessReport>(IamFixture::kAccount).size(), 1000U);
  EXPECT_EQ(snapshot->find<identity::AccessReport>("0"), nullptr);
}

// Policies that grant a service.
class GrantingPolicies : public LastAccessed {
 protected:
  // "namespace: name type where; ..."
  std::string granting(const std::string& of, std::vector<std::string> services) {
    const auto answer = world_.call(ListPoliciesGrantingServiceAccessRequest{
        .arn = of, .service_namespaces = std::move(services)});
    if (!answer) {
      return outcome(answer);
    }
    std::string text;
    for (const auto& entry : answer->policies_granting_service_access) {
      text += concat(*entry.service_namespace, ":");
      for (const PolicyGrantingServiceAccess& one : *entry.policies) {
        text += concat(" ",
                       one.policy_name,
                       "=",
                       one.policy_arn.value_or(concat(
                           one.entity_type.value_or(""), "/", one.entity_name.value_or(""))));
      }
      text += "; ";
    }
    return text;
  }
};

TEST_F(GrantingPolicies, OfAUserAreItsOwnAndItsGroups) {
  const std::string policy = world_.make_policy("all");
  world_.make_group("crew");
  call(AddUserToGroupRequest{.group_name = "crew", .user_name = "ann"});
  call(PutGroupPolicyRequest{
      .group_name = "crew", .policy_name = "shared", .policy_document = allow(R"("s3:*")")});
  call(AttachGroupPolicyRequest{.group_name = "crew", .policy_arn = policy});
  call(AttachUserPolicyRequest{.user_name = "ann", .policy_arn = policy});

  EXPECT_EQ(granting(arn("user/ann"), {"sqs", "s3", "sqs", "nosuch"}),
            concat("sqs: own=USER/ann all=",
                   policy,
                   "; s3: own=USER/ann all=",
                   policy,
                   " shared=GROUP/crew; nosuch: all=",
                   policy,
                   "; "));
  EXPECT_EQ(granting(arn("group/crew"), {"sqs"}), concat("sqs: all=", policy, "; "));
}

TEST_F(GrantingPolicies, TellNothingOfServicesThatNobodyGrants) {
  world_.make_role("machine");

  EXPECT_EQ(granting(arn("role/machine"), {"s3"}), "s3:; ");
  EXPECT_EQ(granting(arn("user/ann"), {"sts"}), "sts:; ");
  EXPECT_EQ(granting(arn("user/none"), {"s3"}),
            "NoSuchEntity: The user with name none cannot be found.");
  EXPECT_TRUE(granting(arn("policy/all"), {"s3"}).starts_with("InvalidInput: "));
}

TEST_F(GrantingPolicies, ComeInPages) {
  std::vector<std::string> names;
  for (int i = 0; i < 150; ++i) {
    names.push_back("service" + std::to_string(i));
  }
  ListPoliciesGrantingServiceAccessRequest request{.arn = arn("user/ann"),
                                                   .service_namespaces = names};
  const auto first = world_.call(request);
  ASSERT_EQ(outcome(first), "ok");
  EXPECT_EQ(first->policies_granting_service_access.size(), 100U);
  EXPECT_TRUE(*first->is_truncated);

  request.marker = first->marker;
  const auto second = world_.call(request);

  ASSERT_EQ(outcome(second), "ok");
  EXPECT_EQ(second->policies_granting_service_access.size(), 50U);
  EXPECT_FALSE(*second->is_truncated);
  EXPECT_EQ(second->policies_granting_service_access[0].service_namespace, "service100");
  request.service_namespaces.pop_back();
  EXPECT_EQ(outcome(world_.call(request)), "ValidationError: Invalid Marker.");
}

}  // namespace
}  // namespace signet::iam
