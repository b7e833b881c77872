#include "facts/service_linked_roles.h"

#include <gtest/gtest.h>

#include "facts/service_principals.h"

namespace signet::facts {
namespace {

TEST(ServiceLinkedRoles, KnowWhatAwsWasSeenToMake) {
  const ServiceLinkedRoleRow* batch = find_service_linked_role("batch.amazonaws.com");
  const ServiceLinkedRoleRow* scaling = find_service_linked_role("autoscaling.amazonaws.com");

  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->role, "AWSServiceRoleForBatch");
  EXPECT_EQ(batch->policy, "BatchServiceRolePolicy");
  EXPECT_FALSE(batch->allows_suffix);
  ASSERT_NE(scaling, nullptr);
  EXPECT_TRUE(scaling->allows_suffix);
}

TEST(ServiceLinkedRoles, KnowNothingElse) {
  for (const std::string_view service : {"",
                                         "batch",
                                         "Batch.amazonaws.com",
                                         "batch.amazonaws.com.cn",
                                         "batch.us-east-1.amazonaws.com",
                                         "ec2.amazonaws.com",
                                         "logs.amazonaws.com",
                                         "zzz.amazonaws.com"}) {
    EXPECT_EQ(find_service_linked_role(service), nullptr) << service;
  }
}

// Their trust policies name them.
TEST(ServiceLinkedRoles, AreOfPrincipalsThatTrustPoliciesMayName) {
  for (const std::string_view service : {"accountdiscovery.ssm.amazonaws.com",
                                         "cks.kms.amazonaws.com",
                                         "ecs.amazonaws.com",
                                         "emrwal.amazonaws.com",
                                         "role-manager.iam.amazonaws.com",
                                         "storage-lens.s3.amazonaws.com"}) {
    ASSERT_NE(find_service_linked_role(service), nullptr) << service;
    EXPECT_TRUE(is_service_principal(service)) << service;
  }
}

}  // namespace
}  // namespace signet::facts
