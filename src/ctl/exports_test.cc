#include "ctl/exports.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::ctl {
namespace {

TEST(EndpointExports, NameTheEndpointForEveryServiceAndTheRegionTwice) {
  EXPECT_EQ(endpoint_exports("https://signet.example", "  "),
            "  export AWS_ENDPOINT_URL='https://signet.example'\n"
            "  export AWS_ENDPOINT_URL_STS='https://signet.example'\n"
            "  export AWS_ENDPOINT_URL_IAM='https://signet.example'\n"
            "  export AWS_ENDPOINT_URL_S3='https://signet.example'\n"
            "  export AWS_ENDPOINT_URL_SIGNIN='https://signet.example'\n"
            "  export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n");
}

}  // namespace
}  // namespace signet::ctl
