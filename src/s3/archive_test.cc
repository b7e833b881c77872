// Archived objects.
#include <gtest/gtest.h>

#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

class Archive : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
  }

  Answer get(const std::string& method = "GET") {
    return as("admin", {.method = method, .target = "/bkt/k"});
  }
};

TEST_F(Archive, ObjectsAreReadOnceTheyAreRestored) {
  ASSERT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/k",
                .body = "content",
                .headers = {{"x-amz-storage-class", "GLACIER"}}})
                .status,
            200);
  EXPECT_EQ(get().code, "InvalidObjectState");
  EXPECT_EQ(get("HEAD").status, 200);
  const auto restore = [&](const std::string& who, const std::string& days) {
    return as(who,
              {.method = "POST",
               .target = "/bkt/k?restore",
               .body = "<RestoreRequest><Days>" + days + "</Days></RestoreRequest>"});
  };
  EXPECT_EQ(restore("reader", "1").status, 403);
  EXPECT_EQ(restore("admin", "0").code, "MalformedXML");
  EXPECT_EQ(get().code, "InvalidObjectState");
  EXPECT_EQ(restore("admin", "1").status, 202);
  EXPECT_EQ(restore("admin", "2").status, 200);
  EXPECT_EQ(get().body, "content");
  EXPECT_EQ(get().body, "content");
}

}  // namespace
}  // namespace signet::s3
