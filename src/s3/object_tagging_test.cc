// Tags of objects, and what policies decide by them.
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"
#include "s3/tags.h"

namespace signet::s3 {
namespace {

constexpr const char* kDenyRed =
    R"({"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*",)"
    R"("Condition":{"StringEquals":{"s3:ExistingObjectTag/team":"red"}}})";

class ObjectTagging : public S3ServiceTest {
 protected:
  // Opened again without its keys.
  [[nodiscard]] bool is_encrypted() const override { return false; }

  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
    put("/bkt/key", "content");
  }

  Answer tag(const std::string& value, const std::string& who = "admin") {
    const std::string body = "<Tagging><TagSet><Tag><Key>team</Key><Value>" + value +
                             "</Value></Tag></TagSet></Tagging>";
    return as(
        who,
        {.method = "PUT",
         .target = "/bkt/key?tagging",
         .body = body,
         .headers = {{"content-md5", codec::encode_base64(crypto::as_view(crypto::md5(body)))}}});
  }

  Answer read(const std::string& who = "reader") { return as(who, {.target = "/bkt/key"}); }
};

TEST_F(ObjectTagging, ADenialByTagsHoldsForWhatIsKnownAndWhatIsNot) {
  set_policy(kDenyRed);
  EXPECT_EQ(read().status, 200);

  ASSERT_EQ(tag("red").status, 200);
  EXPECT_EQ(read().status, 403);
  EXPECT_EQ(read().status, 403);  // its record is in memory now
  ASSERT_EQ(tag("blue").status, 200);
  EXPECT_EQ(read().body, "content");
  EXPECT_EQ(as("reader", {.method = "HEAD", .target = "/bkt/key"}).status, 200);
}

TEST_F(ObjectTagging, TagsNeverOpenWhatNothingAllows) {
  ASSERT_EQ(tag("blue").status, 200);

  EXPECT_EQ(read("nobody").status, 403);
  EXPECT_EQ(read("anonymous").status, 403);
  EXPECT_EQ(as("nobody", {.target = "/bkt/missing"}).status, 403);
  EXPECT_EQ(as("nobody", {.target = "/bkt/key?tagging"}).status, 403);
  EXPECT_EQ(as("nobody", {.method = "DELETE", .target = "/bkt/key?tagging"}).status, 403);
  EXPECT_EQ(tag("red", "nobody").status, 403);
  EXPECT_EQ(as("nobody", {.target = "/bkt/key?acl"}).status, 403);
  EXPECT_EQ(as("reader",
               {.target = "/bkt/key?attributes", .headers = {{"x-amz-object-attributes", "ETag"}}})
                .status,
            403);
  EXPECT_EQ(as("admin", {.target = "/bkt/key?tagging"}, kOther).status, 403);
}

TEST_F(ObjectTagging, TheBucketRemembersItsTagsAfterARestart) {
  set_policy(kDenyRed);
  ASSERT_EQ(tag("red").status, 200);

  service_.reset();
  objects_.reset();
  objects_ = objects::ObjectStore::open({.folder = folder_.string(), .is_durable = false}, random_)
                 .value();
  service_ = std::make_unique<S3Service>(*objects_, S3Service::Options{});

  EXPECT_EQ(read().status, 403);
}

TEST_F(ObjectTagging, TagsThatChangeMeanwhileAreNotOverwritten) {
  ASSERT_EQ(tag("blue").status, 200);
  meanwhile_ = [this] {
    ASSERT_EQ(tag("red").status, 200);
  };

  EXPECT_EQ(tag("green").code, "OperationAborted");
  EXPECT_TRUE(as("admin", {.target = "/bkt/key?tagging"}).body.contains("<Value>red</Value>"));
}

TEST_F(ObjectTagging, TagsAreInNoHeader) {
  ASSERT_EQ(tag("blue").status, 200);

  EXPECT_FALSE(read("admin").response.headers.find("x-amz-tagging").has_value());
  EXPECT_EQ(read("admin").response.headers.find("x-amz-tagging-count"), "1");
  EXPECT_FALSE(read().response.headers.find("x-amz-tagging-count").has_value());
}

TEST(ObjectTags, AreStoredAsTheyAreSent) {
  objects::StoredHeaders stored = {{"content-type", "a/b"}};
  const Tags tags = {{.key = "a&b", .value = "c=d e"}, {.key = "z", .value = ""}};

  set_tags(stored, tags);
  EXPECT_EQ(tags_of(stored), tags);
  set_tags(stored, {});
  EXPECT_EQ(stored.size(), 1U);
  EXPECT_TRUE(tags_of(stored).empty());
}

}  // namespace
}  // namespace signet::s3
