// Changes of objects that are long in coming are decided again right before they happen.
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

constexpr const char* kDenyWrites =
    R"({"Effect":"Deny","Principal":"*","Action":["s3:PutObject","s3:DeleteObject"],)"
    R"("Resource":"arn:aws:s3:::bkt/*"})";

class StillAllowed : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
    put("/bkt/source", "bytes");
  }

  // From now on, what takes long is denied in the middle.
  void deny_meanwhile() {
    meanwhile_ = [this] {
      meanwhile_ = [] {
      };
      set_policy(kDenyWrites);
    };
  }

  // The same with another bucket of the name made meanwhile.
  void replace_meanwhile(const std::string& bucket) {
    meanwhile_ = [this, bucket] {
      meanwhile_ = [] {
      };
      ASSERT_EQ(as("admin", {.method = "DELETE", .target = "/" + bucket}).status, 204);
      make_bucket(bucket);
    };
  }

  // An upload of one part; its id.
  std::string begin_upload(const std::string& path) {
    const Answer begun = as("admin", {.method = "POST", .target = path + "?uploads"});
    EXPECT_EQ(begun.status, 200) << begun.body;
    const codec::XmlElement root = xml(begun);
    return std::string(root.text_of("UploadId").value_or(""));
  }

  Answer complete(const std::string& path, const std::string& id, const std::string& etag) {
    return as("admin",
              {.method = "POST",
               .target = path + "?uploadId=" + id,
               .body = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
                       "</ETag></Part></CompleteMultipartUpload>"});
  }

  Answer copy_to(const std::string& target) {
    return as(
        "admin",
        {.method = "PUT", .target = target, .headers = {{"x-amz-copy-source", "/bkt/source"}}});
  }

  int status_of(const std::string& path) { return as("admin", {.target = path}).status; }
};

TEST_F(StillAllowed, NoCopyAppearsThatIsDeniedMeanwhile) {
  deny_meanwhile();
  EXPECT_EQ(copy_to("/bkt/copy").code, "AccessDenied");
  EXPECT_EQ(status_of("/bkt/copy"), 404);
}

TEST_F(StillAllowed, NoCopyAppearsInAnotherBucketOfTheName) {
  make_bucket("target");
  replace_meanwhile("target");
  EXPECT_EQ(copy_to("/target/copy").code, "OperationAborted");
  EXPECT_EQ(status_of("/target/copy"), 404);
}

TEST_F(StillAllowed, NoPartIsCopiedThatIsDeniedMeanwhile) {
  const std::string id = begin_upload("/bkt/whole");
  deny_meanwhile();
  EXPECT_EQ(copy_to("/bkt/whole?partNumber=1&uploadId=" + id).code, "AccessDenied");
}

TEST_F(StillAllowed, NoUploadIsCompletedThatIsDeniedMeanwhile) {
  const std::string id = begin_upload("/bkt/whole");
  const Answer part =
      as("admin",
         {.method = "PUT", .target = "/bkt/whole?partNumber=1&uploadId=" + id, .body = "part"});
  const std::string etag(part.response.headers.find("ETag").value_or(""));
  deny_meanwhile();

  EXPECT_EQ(complete("/bkt/whole", id, etag).code, "AccessDenied");
  EXPECT_EQ(status_of("/bkt/whole"), 404);

  // The policy is gone: the upload is there as it was.
  ASSERT_EQ(as("admin", {.method = "DELETE", .target = "/bkt?policy"}).status, 204);
  EXPECT_EQ(complete("/bkt/whole", id, etag).status, 200);
}

TEST_F(StillAllowed, NoKeyIsDeletedThatIsDeniedMeanwhile) {
  const std::string body = "<Delete><Object><Key>source</Key></Object></Delete>";
  const std::string md5 = codec::encode_base64(crypto::as_view(crypto::md5(body)));
  deny_meanwhile();

  const auto root = xml(as("admin",
                           {.method = "POST",
                            .target = "/bkt?delete",
                            .body = body,
                            .headers = {{"Content-MD5", md5}}}));

  ASSERT_EQ(root.children.size(), 1U);
  EXPECT_EQ(root.children[0].text_of("Code"), "AccessDenied");
  EXPECT_EQ(status_of("/bkt/source"), 200);
}

}  // namespace
}  // namespace signet::s3
