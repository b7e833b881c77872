#include "iam/service_linked_roles.h"

#include <string>

#include <gtest/gtest.h>

#include "iam/fixture_for_test.h"

namespace signet::iam {

namespace {

constexpr const char* kBatch = "batch.amazonaws.com";
constexpr const char* kBatchRole = "AWSServiceRoleForBatch";
constexpr const char* kScaling = "autoscaling.amazonaws.com";

class ServiceLinkedRoles : public ::testing::Test {
 protected:
  std::string create(const std::string& service, const std::string& suffix = "") {
    CreateServiceLinkedRoleRequest request{.aws_service_name = service};
    if (!suffix.empty()) {
      request.custom_suffix = suffix;
    }
    return outcome(world_.call(request));
  }

  // The id of the task, or the refusal.
  std::string destroy(const std::string& role) {
    const auto answer = world_.call(DeleteServiceLinkedRoleRequest{.role_name = role});
    return answer ? answer->deletion_task_id : outcome(answer);
  }

  auto status(const std::string& task) {
    return world_.call(GetServiceLinkedRoleDeletionStatusRequest{.deletion_task_id = task});
  }

  const identity::Role* find(std::string_view name) {
    return world_.snapshot()->find<identity::Role>(IamFixture::kAccount, name);
  }

  void join_organization() {
    world_.write([](identity::Transaction& transaction) {
      identity::OrgPolicies organization;
      organization.account = IamFixture::kAccount;
      organization.organization_id = "o-example";
      transaction.put(std::move(organization));
    });
  }

  IamFixture world_;
};

}  // namespace

TEST_F(ServiceLinkedRoles, HaveNamePathTrustAndPolicyOfTheirService) {
  CreateServiceLinkedRoleRequest request{.aws_service_name = kBatch};
  request.description = "about";

  const auto made = world_.call(request);

  ASSERT_EQ(outcome(made), "ok");
  ASSERT_TRUE(made->role);
  EXPECT_EQ(made->role->role_name, kBatchRole);
  EXPECT_EQ(made->role->path, "/aws-service-role/batch.amazonaws.com/");
  EXPECT_EQ(
      made->role->arn,
      "arn:aws:iam::111122223333:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch");
  EXPECT_EQ(made->role->assume_role_policy_document,
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
            R"({"Service":"batch.amazonaws.com"},"Action":"sts:AssumeRole"}]})");
  const auto shown = world_.call(GetRoleRequest{.role_name = kBatchRole});
  ASSERT_EQ(outcome(shown), "ok");
  EXPECT_EQ(shown->role.description, "about");
  const auto attached = world_.call(ListAttachedRolePoliciesRequest{.role_name = kBatchRole});
  ASSERT_EQ(outcome(attached), "ok");
  ASSERT_EQ(attached->attached_policies->size(), 1U);
  EXPECT_EQ(attached->attached_policies->front().policy_arn,
            "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy");
}

TEST_F(ServiceLinkedRoles, AreOfServicesThatHaveThem) {
  for (const std::string service : {"logs.amazonaws.com", "Batch.amazonaws.com", "x"}) {
    EXPECT_EQ(create(service),
              "InvalidInput: " + service + " has no service-linked role that IAM can create.");
  }
}

TEST_F(ServiceLinkedRoles, TakeASuffixWhereTheServiceAllowsIt) {
  EXPECT_EQ(create(kBatch, "x"),
            "InvalidInput: Custom suffix is not allowed for batch.amazonaws.com");
  EXPECT_EQ(create(kScaling, "one"), "ok");
  EXPECT_EQ(create(kScaling, "two"), "ok");
  EXPECT_EQ(create(kScaling), "ok");
  EXPECT_NE(find("AWSServiceRoleForAutoScaling_one"), nullptr);
  EXPECT_EQ(
      create(kScaling, "ONE"),
      "InvalidInput: Service role name AWSServiceRoleForAutoScaling_ONE has been taken in this "
      "account, please try a different suffix.");
}

TEST_F(ServiceLinkedRoles, AreMadeOnce) {
  EXPECT_EQ(create(kBatch), "ok");
  const std::string id = find(kBatchRole)->id;

  EXPECT_EQ(
      create(kBatch),
      "InvalidInput: Service role name AWSServiceRoleForBatch has been taken in this account, "
      "please try a different suffix.");
  EXPECT_EQ(find(kBatchRole)->id, id);
}

TEST_F(ServiceLinkedRoles, DoNotTakeTheNameOfAnotherRole) {
  world_.make_role("awsserviceroleforbatch");

  EXPECT_TRUE(create(kBatch).starts_with("InvalidInput: Service role name"));
  EXPECT_EQ(destroy("awsserviceroleforbatch"),
            "NoSuchEntity: The role with name awsserviceroleforbatch cannot be found.");
}

TEST_F(ServiceLinkedRoles, AreNotKeptOutByTheQuota) {
  world_.write([](identity::Transaction& transaction) {
    identity::Account account = *transaction.view().find<identity::Account>(IamFixture::kAccount);
    account.settings = {{"quota.RolesPerAccount", "0"}};
    transaction.put(std::move(account));
  });

  EXPECT_EQ(create(kBatch), "ok");
}

TEST_F(ServiceLinkedRoles, NeedPermissionForTheServiceAndTheRole) {
  const model::Caller caller =
      world_.make_caller("maker",
                         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
          "Action":["iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole",
                    "iam:GetServiceLinkedRoleDeletionStatus"],
          "Resource":"arn:aws:iam::*:role/aws-service-role/*.amazonaws.com/AWSServiceRoleFor*",
          "Condition":{"StringEqualsIfExists":{"iam:AWSServiceName":"batch.amazonaws.com"}}}]})");
  const auto create_by = [&](const char* service) {
    return outcome(
        world_.call(caller, CreateServiceLinkedRoleRequest{.aws_service_name = service}));
  };

  EXPECT_EQ(create_by("batch.amazonaws.com"), "ok");
  EXPECT_EQ(
      create_by("ecs.amazonaws.com"),
      "AccessDenied: User: arn:aws:iam::111122223333:user/maker is not authorized to perform: "
      "iam:CreateServiceLinkedRole on resource: arn:aws:iam::111122223333:role/"
      "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS because no identity-based "
      "policy allows the iam:CreateServiceLinkedRole action");
  EXPECT_TRUE(create_by("nothing.amazonaws.com").starts_with("AccessDenied: "));
  const auto gone = world_.call(caller, DeleteServiceLinkedRoleRequest{.role_name = kBatchRole});
  ASSERT_EQ(outcome(gone), "ok");
  EXPECT_EQ(outcome(world_.call(caller,
                                GetServiceLinkedRoleDeletionStatusRequest{
                                    .deletion_task_id = gone->deletion_task_id})),
            "ok");
}

TEST_F(ServiceLinkedRoles, AreDeletedByATaskThatTellsHowItEnded) {
  ASSERT_EQ(create(kBatch), "ok");

  const std::string task = destroy("AWSSERVICEROLEFORBATCH");

  EXPECT_TRUE(task.starts_with("task/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch/"))
      << task;
  EXPECT_EQ(find(kBatchRole), nullptr);
  const auto told = status(task);
  ASSERT_EQ(outcome(told), "ok");
  EXPECT_EQ(told->status, "SUCCEEDED");
  EXPECT_FALSE(told->reason);
  EXPECT_EQ(destroy(kBatchRole),
            "NoSuchEntity: The role with name AWSServiceRoleForBatch cannot be found.");
  EXPECT_EQ(create(kBatch), "ok");
}

TEST_F(ServiceLinkedRoles, StayWhileTheirServiceNeedsThem) {
  join_organization();
  ASSERT_EQ(create("organizations.amazonaws.com"), "ok");

  const auto told = status(destroy("AWSServiceRoleForOrganizations"));

  ASSERT_EQ(outcome(told), "ok");
  EXPECT_EQ(told->status, "FAILED");
  ASSERT_TRUE(told->reason && told->reason->role_usage_list);
  ASSERT_EQ(told->reason->role_usage_list->size(), 1U);
  EXPECT_EQ(told->reason->role_usage_list->front().resources->front(),
            "arn:aws:organizations::111122223333:organization/o-example");
  EXPECT_NE(find("AWSServiceRoleForOrganizations"), nullptr);
}

TEST_F(ServiceLinkedRoles, TellOfNoTaskThatIsNotTheAccounts) {
  const std::string unknown =
      "task/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch/"
      "00000000-0000-4000-8000-000000000000";
  EXPECT_EQ(outcome(status(unknown)),
            "NoSuchEntity: The deletion task with id " + unknown + " cannot be found.");
  for (const std::string text :
       {"task",
        "task/aws-service-role/",
        "task/aws-service-role/batch.amazonaws.com/R",
        "task/other/batch.amazonaws.com/R/00000000-0000-4000-8000-000000000000",
        "task/aws-service-role/a/b/R/00000000-0000-4000-8000-000000000000"}) {
    EXPECT_EQ(outcome(status(text)), "InvalidInput: " + text + " is not a valid deletion task id.");
  }
  ASSERT_EQ(create(kBatch), "ok");
  const std::string task = destroy(kBatchRole);
  EXPECT_EQ(
      outcome(world_.call(IamFixture::root(IamFixture::kOther),
                          GetServiceLinkedRoleDeletionStatusRequest{.deletion_task_id = task})),
      "NoSuchEntity: The deletion task with id " + task + " cannot be found.");
}

TEST_F(ServiceLinkedRoles, KeepAThousandDeletionTasks) {
  world_.write([](identity::Transaction& transaction) {
    for (int i = 0; i < 1000; ++i) {
      identity::DeletionTask task;
      task.account = IamFixture::kAccount;
      task.id = "task/" + std::to_string(i);
      task.created = Instant::from_seconds(i);
      transaction.put(std::move(task));
    }
  });
  ASSERT_EQ(create(kBatch), "ok");

  const std::string task = destroy(kBatchRole);

  EXPECT_EQ(outcome(status(task)), "ok");
  const auto snapshot = world_.snapshot();
  EXPECT_EQ(snapshot->table<identity::DeletionTask>(IamFixture::kAccount).size(), 1000U);
  EXPECT_EQ(snapshot->find<identity::DeletionTask>("task/0"), nullptr);
  EXPECT_NE(snapshot->find<identity::DeletionTask>("task/1"), nullptr);
}

TEST_F(ServiceLinkedRoles, ChangeNothingButDescriptionAndTags) {
  ASSERT_EQ(create(kBatch), "ok");
  UpdateRoleRequest description{.role_name = kBatchRole};
  description.description = "new";
  UpdateRoleRequest duration = description;
  duration.max_session_duration = 7200;
  UpdateRoleRequest signin = description;
  signin.reset_max_signin_session_duration = true;
  const std::string refused =
      "UnmodifiableEntity: Cannot perform the operation on the protected role "
      "'AWSServiceRoleForBatch' - this role is only modifiable by AWS";

  EXPECT_EQ(outcome(world_.call(description)), "ok");
  EXPECT_EQ(outcome(world_.call(duration)), refused);
  EXPECT_EQ(outcome(world_.call(signin)), refused);
  EXPECT_EQ(outcome(world_.call(TagRoleRequest{.role_name = kBatchRole, .tags = {{"k", "v"}}})),
            "ok");
  EXPECT_EQ(outcome(world_.call(UntagRoleRequest{.role_name = kBatchRole, .tag_keys = {"k"}})),
            "ok");
  EXPECT_EQ(find(kBatchRole)->description, "new");
  EXPECT_EQ(find(kBatchRole)->max_session_seconds, 3600U);
}

}  // namespace signet::iam
