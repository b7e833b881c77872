// Regions of buckets, what their making implies, and what everybody is told.
#include <gtest/gtest.h>

#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

class BucketsTest : public S3ServiceTest {
 protected:
  Answer make(const std::string& constraint, const std::string& endpoint) {
    return as("admin",
              {.method = "PUT",
               .target = "/bkt",
               .body = "<CreateBucketConfiguration><LocationConstraint>" + constraint +
                       "</LocationConstraint></CreateBucketConfiguration>",
               .region = endpoint});
  }
};

TEST_F(BucketsTest, ConstraintsMustFitTheEndpoint) {
  EXPECT_EQ(make("EU", "us-east-2").code, "IllegalLocationConstraintException");
  EXPECT_EQ(make("us-east-1", "us-west-2").code, "IllegalLocationConstraintException");
  EXPECT_EQ(make("moon", "us-west-2").code, "IllegalLocationConstraintException");
  EXPECT_EQ(make("moon", "us-east-1").code, "InvalidLocationConstraint");
  EXPECT_EQ(make("eu-west-1", "aws-global").code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(as("admin", {.target = "/", .region = "aws-global"}).code,
            "AuthorizationHeaderMalformed");
  EXPECT_EQ(make("us-west-2", "us-west-2").status, 200);
}

TEST_F(BucketsTest, TheOldNameOfIrelandStays) {
  ASSERT_EQ(make("EU", "eu-west-1").status, 200);

  EXPECT_EQ(xml(as("admin", {.target = "/bkt?location"})).text, "EU");
  EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt"})
                .response.headers.find("x-amz-bucket-region"),
            "eu-west-1");
  EXPECT_NE(as("admin", {.target = "/?bucket-region=eu-west-1"}).body.find("<Name>bkt</Name>"),
            std::string::npos);
}

TEST_F(BucketsTest, ListingsTellMoreToWhoAsksForLess) {
  make_bucket();
  const auto list = [&](const std::string& target) {
    return as("admin", {.target = target});
  };

  EXPECT_EQ(list("/").body.find("BucketRegion"), std::string::npos);
  const Answer chosen = list("/?prefix=b");
  EXPECT_NE(chosen.body.find("<BucketRegion>us-east-1</BucketRegion>"
                             "<BucketArn>arn:aws:s3:::bkt</BucketArn>"),
            std::string::npos);
  const Answer bad = list("/?bucket-region=eu-east-1");
  EXPECT_EQ(bad.code, "InvalidArgument");
  EXPECT_EQ(xml(bad).text_of("Message"), "Argument value eu-east-1 is not a valid AWS Region");
}

TEST_F(BucketsTest, EverybodyIsToldTheRegion) {
  make_bucket();
  const auto region = [&](const std::string& who, const std::string& method, const char* target) {
    const Answer answer = as(who, {.method = method, .target = target});
    const auto found = answer.response.headers.find("x-amz-bucket-region");
    return std::to_string(answer.status) + " " + std::string(found.value_or("-"));
  };

  EXPECT_EQ(region("admin", "HEAD", "/bkt"), "200 us-east-1");
  EXPECT_EQ(region("anonymous", "HEAD", "/bkt"), "403 us-east-1");
  EXPECT_EQ(region("nobody", "HEAD", "/bkt"), "403 us-east-1");
  EXPECT_EQ(region("admin", "GET", "/bkt?list-type=2"), "200 us-east-1");
  EXPECT_EQ(region("admin", "GET", "/bkt"), "200 us-east-1");
  EXPECT_EQ(region("anonymous", "GET", "/bkt"), "403 us-east-1");
  EXPECT_EQ(region("anonymous", "HEAD", "/nobucket"), "403 -");
  EXPECT_EQ(region("anonymous", "GET", "/bkt?policy"), "403 -");
  EXPECT_EQ(region("anonymous", "GET", "/bkt/k"), "403 -");
}

TEST_F(BucketsTest, HeadersOfCreateBucketAreHeeded) {
  const auto with = [&](const char* name, const char* value) {
    return as("admin", {.method = "PUT", .target = "/bkt", .headers = {{name, value}}}).code;
  };
  EXPECT_EQ(with("x-amz-acl", "public-read"), "InvalidBucketAclWithObjectOwnership");
  EXPECT_EQ(with("x-amz-grant-read", "id=1"), "InvalidArgument");
  EXPECT_EQ(with("x-amz-object-ownership", "Mine"), "InvalidArgument");
  EXPECT_EQ(with("x-amz-bucket-namespace", "account-regional"), "NotImplemented");
  EXPECT_EQ(with("x-amz-bucket-namespace", "x"), "InvalidArgument");
  EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt"}).status, 404);
  EXPECT_EQ(with("x-amz-object-ownership", "BucketOwnerEnforced"), "");
}

}  // namespace
}  // namespace signet::s3
