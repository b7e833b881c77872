#include "facts/service_principals.h"

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

TEST(ServicePrincipals, KnowsRealOnesInEverySpelling) {
  for (const std::string_view name : {"ec2.amazonaws.com",
                                      "lambda.amazonaws.com",
                                      "ecs-tasks.amazonaws.com",
                                      "delivery.logs.amazonaws.com",
                                      "vpc-flow-logs.amazonaws.com",
                                      "member.org.stacksets.cloudformation.amazonaws.com",
                                      "alexa-appkit.amazon.com",
                                      "edgelambda.amazonaws.com",
                                      "ec2.amazonaws.com.cn",
                                      "logs.us-east-1.amazonaws.com",
                                      "codedeploy.us-gov-west-1.amazonaws.com",
                                      "states.ap-southeast-4.amazonaws.com",
                                      "firehose.cn-north-1.amazonaws.com.cn",
                                      "replication.ecr.amazonaws.com"}) {
    EXPECT_TRUE(is_service_principal(name)) << name;
  }
}

TEST(ServicePrincipals, KnowsNothingElse) {
  for (const std::string_view name : {"",
                                      "amazonaws.com",
                                      ".amazonaws.com",
                                      "tagging.amazonaws.com",  // AWS refuses it, recorded
                                      "ecs-task.amazonaws.com",
                                      "lambda.amazon.com",
                                      "lambda.amazonaws.com.evil.example",
                                      "lambda.amazonaws.org",
                                      "lambda.amazonaws.cn",
                                      "lambda.mars-east-1.amazonaws.com",
                                      "lambda.us-east.amazonaws.com",
                                      "tagging.us-east-1.amazonaws.com",
                                      "us-east-1.amazonaws.com",
                                      "Lambda.amazonaws.com",
                                      "ec2.*.amazonaws.com",
                                      "lambda.amazonaws.com.",
                                      "lambda"}) {
    EXPECT_FALSE(is_service_principal(name)) << name;
  }
}

}  // namespace
}  // namespace signet::facts
