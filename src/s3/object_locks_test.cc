// Object Lock, as requests and answers show it.
#include <gtest/gtest.h>

#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

class Locks : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    ASSERT_EQ(as("admin",
                 {.method = "PUT",
                  .target = "/bkt",
                  .headers = {{"x-amz-bucket-object-lock-enabled", "true"}}})
                  .status,
              200);
  }

  // Answers the new version.
  std::string put_locked(const Headers& headers) {
    const Answer made =
        as("admin", {.method = "PUT", .target = "/bkt/k", .body = "x", .headers = headers});
    EXPECT_EQ(made.status, 200) << made.body;
    return std::string(made.response.headers.find("x-amz-version-id").value_or(""));
  }

  Answer remove(const std::string& version, const Headers& headers = {}) {
    return as("admin",
              {.method = "DELETE", .target = "/bkt/k?versionId=" + version, .headers = headers});
  }
};

TEST_F(Locks, KeepVersionsFromBeingDeleted) {
  const std::string day = "2100-01-01T00:00:00Z";
  const auto locked = [&](const std::string& mode) {
    return put_locked(
        {{"x-amz-object-lock-mode", mode}, {"x-amz-object-lock-retain-until-date", day}});
  };
  const Headers bypass = {{"x-amz-bypass-governance-retention", "true"}};
  const std::string governed = locked("GOVERNANCE");
  const std::string complied = locked("COMPLIANCE");
  const std::string held = put_locked({{"x-amz-object-lock-legal-hold", "ON"}});
  const std::string free = put_locked({});

  for (const std::string& version : {governed, complied, held}) {
    EXPECT_EQ(remove(version).code, "AccessDenied");
    EXPECT_EQ(as("admin", {.target = "/bkt/k?versionId=" + version}).body, "x");
  }
  EXPECT_EQ(remove(complied, bypass).code, "AccessDenied");
  EXPECT_EQ(remove(held, bypass).code, "AccessDenied");
  EXPECT_EQ(remove(governed, bypass).status, 204);
  EXPECT_EQ(remove(free).status, 204);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k"}).status, 204);
}

}  // namespace
}  // namespace signet::s3
