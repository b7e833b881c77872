#include "facts/service_credentials.h"

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

TEST(ServicesWithCredentials, HavePasswordsOrKeys) {
  ASSERT_NE(find_service_with_credentials("codecommit.amazonaws.com"), nullptr);
  EXPECT_FALSE(find_service_with_credentials("codecommit.amazonaws.com")->has_api_keys());
  ASSERT_NE(find_service_with_credentials("bedrock.amazonaws.com"), nullptr);
  EXPECT_EQ(find_service_with_credentials("bedrock.amazonaws.com")->prefix, "ABSK");
}

TEST(ServicesWithCredentials, AreNoOthers) {
  for (const char* name : {"", "sqs.amazonaws.com", "Bedrock.amazonaws.com", "bedrock", "zzz"}) {
    EXPECT_EQ(find_service_with_credentials(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace signet::facts
