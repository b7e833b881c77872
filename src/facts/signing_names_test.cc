#include "facts/signing_names.h"

#include <gtest/gtest.h>

namespace signet::facts {
namespace {

TEST(SigningNames, KnowServicesAndTheirProtocols) {
  ASSERT_NE(find_signing_name("kms"), nullptr);
  EXPECT_TRUE(find_signing_name("kms")->speaks("json"));
  EXPECT_FALSE(find_signing_name("kms")->speaks("rest-json"));
  ASSERT_NE(find_signing_name("lambda"), nullptr);
  EXPECT_TRUE(find_signing_name("lambda")->speaks("rest-json"));
  EXPECT_FALSE(find_signing_name("lambda")->speaks("json"));
  ASSERT_NE(find_signing_name("monitoring"), nullptr);
  EXPECT_TRUE(find_signing_name("monitoring")->speaks("query"));
  EXPECT_TRUE(find_signing_name("monitoring")->speaks("smithy-rpc-v2-cbor"));
}

TEST(SigningNames, KnowNoOthers) {
  for (const char* name : {"", "s2", "KMS", "kms ", "cloudwatcher", "zzz"}) {
    EXPECT_EQ(find_signing_name(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace signet::facts
