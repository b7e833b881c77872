// What lifecycles remove, and what they leave.
#include "s3/lifecycle.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

constexpr std::int64_t kDaySeconds = 24 * 60 * 60;

TEST(DueAfter, IsTheMidnightThatFollows) {
  const Instant midnight = Instant::from_seconds(20'000 * kDaySeconds);
  EXPECT_EQ(due_after(midnight, 1), Instant::from_seconds(20'001 * kDaySeconds));
  EXPECT_EQ(due_after(Instant{midnight.unix_ms + 1}, 1),
            Instant::from_seconds(20'002 * kDaySeconds));
}

class LifecycleTest : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
    lifecycle_.emplace(*objects_, [this] { return directory_->current(); }, clock_);
  }

  void put_document(const std::string& query, const std::string& document) {
    const Answer done =
        as("admin",
           {.method = "PUT",
            .target = "/bkt?" + query,
            .body = document,
            .headers = {
                {"Content-MD5", codec::encode_base64(crypto::as_view(crypto::md5(document)))}}});
    ASSERT_EQ(done.status, 200) << done.body;
  }

  void set_rules(const std::string& rules) {
    put_document("lifecycle", "<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>");
  }

  static std::string rule(const std::string& filter, const std::string& action) {
    return "<Rule><Filter>" + filter + "</Filter><Status>Enabled</Status>" + action + "</Rule>";
  }

  void keep_versions() {
    put_document("versioning",
                 "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
  }

  void pass_days(std::int64_t days) {
    clock_.advance_seconds(days * kDaySeconds);
    Result<bool> more = true;
    for (int steps = 0; more && *more && steps < 1000; ++steps) {
      more = lifecycle_->step();
    }
    ASSERT_TRUE(more.has_value()) << more.error().cause;
    ASSERT_FALSE(*more);
  }

  // Keys, newest first within one; "!" behind a delete marker.
  std::vector<std::string> versions() {
    std::vector<std::string> out;
    const auto state = directory_->current();
    const auto page = objects_->list_versions(store_id(*state->find<identity::Bucket>("bkt")), {});
    EXPECT_TRUE(page.has_value());
    for (const auto& version : page->versions) {
      out.push_back(version.info.key + (version.info.is_marker ? "!" : ""));
    }
    return out;
  }

  using Lines = std::vector<std::string>;

  std::optional<Lifecycle> lifecycle_;
};

TEST_F(LifecycleTest, ObjectsExpireAfterTheirDaysAndNotBefore) {
  set_rules(rule("<Prefix>logs/</Prefix>", "<Expiration><Days>3</Days></Expiration>"));
  put("/bkt/logs/a", "x");
  put("/bkt/kept", "x");

  pass_days(2);
  EXPECT_EQ(versions(), (Lines{"kept", "logs/a"}));
  put("/bkt/logs/b", "x");
  pass_days(2);
  EXPECT_EQ(versions(), (Lines{"kept", "logs/b"}));
}

TEST_F(LifecycleTest, ADisabledRuleDoesNothing) {
  set_rules(
      "<Rule><Filter><Prefix></Prefix></Filter><Status>Disabled</Status>"
      "<Expiration><Days>1</Days></Expiration></Rule>");
  put("/bkt/k", "x");

  pass_days(10);

  EXPECT_EQ(versions(), Lines{"k"});
}

TEST_F(LifecycleTest, SizesAndTagsChooseWhatExpires) {
  set_rules(
      rule("<And><Prefix></Prefix><ObjectSizeGreaterThan>2</ObjectSizeGreaterThan>"
           "<ObjectSizeLessThan>5</ObjectSizeLessThan></And>",
           "<Expiration><Days>1</Days></Expiration>") +
      rule("<Tag><Key>a</Key><Value>b</Value></Tag>", "<Expiration><Days>1</Days></Expiration>"));
  put("/bkt/2", "xx");
  put("/bkt/3", "xxx");
  put("/bkt/5", "xxxxx");
  ASSERT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/tagged",
                .body = "x",
                .headers = {{"x-amz-tagging", "c=d&a=b"}}})
                .status,
            200);
  ASSERT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/other",
                .body = "x",
                .headers = {{"x-amz-tagging", "a=c"}}})
                .status,
            200);

  pass_days(3);

  EXPECT_EQ(versions(), (Lines{"2", "5", "other"}));
}

TEST_F(LifecycleTest, ADateCountsForAllObjects) {
  set_rules(
      rule("<Prefix></Prefix>", "<Expiration><Date>2026-03-01T00:00:00.000Z</Date></Expiration>"));
  put("/bkt/k", "x");
  pass_days(5);
  EXPECT_EQ(versions(), Lines{"k"});
  pass_days(10);
  EXPECT_TRUE(versions().empty());
}

TEST_F(LifecycleTest, AVersionedObjectGetsAMarkerAndOldVersionsGo) {
  keep_versions();
  set_rules(rule("<Prefix></Prefix>",
                 "<Expiration><Days>5</Days></Expiration><NoncurrentVersionExpiration>"
                 "<NoncurrentDays>2</NoncurrentDays></NoncurrentVersionExpiration>"));
  put("/bkt/k", "one");
  put("/bkt/k", "two");

  pass_days(1);
  EXPECT_EQ(versions(), (Lines{"k", "k"}));
  pass_days(2);
  EXPECT_EQ(versions(), Lines{"k"}) << "the first was noncurrent for two days";
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "two");
  pass_days(3);
  EXPECT_EQ(versions(), (Lines{"k!", "k"}));
  pass_days(3);
  EXPECT_EQ(versions(), Lines{"k!"});
  pass_days(4);
  EXPECT_TRUE(versions().empty()) << "a marker that hides nothing";
}

TEST_F(LifecycleTest, SomeOfTheNewestNoncurrentVersionsStay) {
  keep_versions();
  set_rules(rule("<Prefix></Prefix>",
                 "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
                 "<NewerNoncurrentVersions>2</NewerNoncurrentVersions>"
                 "</NoncurrentVersionExpiration>"));
  for (const char* body : {"1", "2", "3", "4", "5"}) {
    put("/bkt/k", body);
  }

  pass_days(3);

  EXPECT_EQ(versions(), (Lines{"k", "k", "k"}));
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "5");
}

TEST_F(LifecycleTest, LoneMarkersGoWhenAskedAndOthersStay) {
  keep_versions();
  put("/bkt/k", "x");
  as("admin", {.method = "DELETE", .target = "/bkt/k"});
  as("admin", {.method = "DELETE", .target = "/bkt/lone"});
  set_rules(rule("<Prefix></Prefix>",
                 "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>"
                 "</Expiration>"));

  pass_days(0);

  EXPECT_EQ(versions(), (Lines{"k!", "k"}));
}

TEST_F(LifecycleTest, UnfinishedUploadsAreAborted) {
  set_rules(rule("<Prefix>old</Prefix>",
                 "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation>"
                 "</AbortIncompleteMultipartUpload>"));
  as("admin", {.method = "POST", .target = "/bkt/old?uploads"});
  as("admin", {.method = "POST", .target = "/bkt/other?uploads"});

  pass_days(1);
  EXPECT_NE(as("admin", {.target = "/bkt?uploads"}).body.find("<Key>old</Key>"), std::string::npos);
  pass_days(2);
  const std::string left = as("admin", {.target = "/bkt?uploads"}).body;
  EXPECT_EQ(left.find("<Key>old</Key>"), std::string::npos);
  EXPECT_NE(left.find("<Key>other</Key>"), std::string::npos);
}

TEST_F(LifecycleTest, ManyPagesAreCarriedOut) {
  keep_versions();
  set_rules(rule("<Prefix></Prefix>",
                 "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
                 "</NoncurrentVersionExpiration>"));
  for (int i = 0; i < 700; ++i) {
    put("/bkt/k" + std::to_string(i % 2), "x");
    put("/bkt/many", "x");
  }

  pass_days(3);

  EXPECT_EQ(versions(), (Lines{"k0", "k1", "many"}));
}

}  // namespace
}  // namespace signet::s3
