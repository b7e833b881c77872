// Encryption at rest, as requests and answers show it.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "objects/sealed_file.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

constexpr std::string_view kHeader = "x-amz-server-side-encryption";

class EncryptionTest : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
  }

  static std::string encryption_of(const Answer& answer) {
    return std::string(answer.response.headers.find(kHeader).value_or("none"));
  }

  static std::string md5_of(const std::string& body) {
    return codec::encode_base64(crypto::as_view(crypto::md5(body)));
  }

  [[nodiscard]] fs::path file() const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "data")) {
      if (entry.is_regular_file()) {
        return entry.path();
      }
    }
    return {};
  }
};

TEST_F(EncryptionTest, IsSaidOfWhatIsEncrypted) {
  EXPECT_EQ(encryption_of(as("admin", {.method = "PUT", .target = "/bkt/k", .body = "bytes"})),
            "AES256");
  EXPECT_EQ(encryption_of(as("admin", {.target = "/bkt/k"})), "AES256");
  EXPECT_EQ(encryption_of(as("admin", {.method = "HEAD", .target = "/bkt/k"})), "AES256");
  EXPECT_EQ(
      encryption_of(
          as("admin",
             {.method = "PUT", .target = "/bkt/c", .headers = {{"x-amz-copy-source", "bkt/k"}}})),
      "AES256");
  const Answer begun = as("admin", {.method = "POST", .target = "/bkt/m?uploads"});
  EXPECT_EQ(encryption_of(begun), "AES256");
  const std::string id(xml(begun).text_of("UploadId").value_or(""));
  const Answer part = as(
      "admin", {.method = "PUT", .target = "/bkt/m?partNumber=1&uploadId=" + id, .body = "part"});
  EXPECT_EQ(encryption_of(part), "AES256");
  const Answer copied = as("admin",
                           {.method = "PUT",
                            .target = "/bkt/m?partNumber=2&uploadId=" + id,
                            .headers = {{"x-amz-copy-source", "bkt/k"}}});
  EXPECT_EQ(encryption_of(copied), "AES256");
  const Answer done =
      as("admin",
         {.method = "POST",
          .target = "/bkt/m?uploadId=" + id,
          .body = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                  std::string(part.response.headers.find("etag").value_or("")) +
                  "</ETag></Part></CompleteMultipartUpload>"});
  EXPECT_EQ(encryption_of(done), "AES256") << done.body;
  EXPECT_EQ(as("admin", {.target = "/bkt/m"}).body, "part");
  EXPECT_EQ(encryption_of(as("admin", {.method = "DELETE", .target = "/bkt/k"})), "none");
}

TEST_F(EncryptionTest, CanBeAskedForInTheOneWayThatThereIs) {
  const auto put_with = [&](std::string value) {
    return as("admin",
              {.method = "PUT",
               .target = "/bkt/k",
               .body = "x",
               .headers = {{std::string(kHeader), std::move(value)}}});
  };

  EXPECT_EQ(put_with("AES256").status, 200);
  EXPECT_EQ(put_with("aws:kms").code, "NotImplemented");
  EXPECT_EQ(put_with("aws:kms:dsse").code, "NotImplemented");
  EXPECT_EQ(put_with("aes256").code, "InvalidArgument");
  EXPECT_EQ(put_with("").code, "InvalidArgument");
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{std::string(kHeader), "AES256"}}}).code,
            "InvalidArgument");
}

TEST_F(EncryptionTest, AWholeLargeObjectAndItsRangesComeBack) {
  std::string large;
  while (large.size() < 3 * 1024 * 1024 + 17) {
    large += "line " + std::to_string(large.size()) + "\n";
  }
  put("/bkt/k", large);

  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, large);
  const Answer range =
      as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=100000-2100000"}}});
  EXPECT_EQ(range.status, 206);
  EXPECT_EQ(range.body, large.substr(100000, 2000001));
  EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt/k"}).response.content_length,
            large.size());
}

TEST_F(EncryptionTest, DamageIsNeverServed) {
  const std::string large(2 * 1024 * 1024, 'x');
  put("/bkt/k", large);
  {
    std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(objects::chunk_offset(0)) + 5).put('~');
  }

  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).code, "InternalError");
  EXPECT_EQ(as("admin",
               {.method = "PUT", .target = "/bkt/c", .headers = {{"x-amz-copy-source", "bkt/k"}}})
                .code,
            "InternalError");
  const Answer rest =
      as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=1000000-1000009"}}});
  EXPECT_EQ(rest.body, std::string(10, 'x')) << "what is not damaged can be had";
}

TEST_F(EncryptionTest, OfABucketIsTheOneWayAndCanBeWritten) {
  const std::string kOwn =
      "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
      "<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"
      "</ServerSideEncryptionConfiguration>";
  const auto put_document = [&](const std::string& document) {
    return as("admin",
              {.method = "PUT",
               .target = "/bkt?encryption",
               .body = document,
               .headers = {{"Content-MD5", md5_of(document)}}});
  };
  const std::string preset = as("admin", {.target = "/bkt?encryption"}).body;
  EXPECT_NE(preset.find("<SSEAlgorithm>AES256</SSEAlgorithm>"), std::string::npos);
  EXPECT_NE(preset.find("<BucketKeyEnabled>false</BucketKeyEnabled>"), std::string::npos);

  EXPECT_EQ(put_document(kOwn).status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt?encryption"}).body, preset);
  std::string other = kOwn;
  other.replace(other.find("AES256"), 6, "aws:kms");
  EXPECT_EQ(put_document(other).code, "NotImplemented");
  other.replace(other.find("aws:kms"), 7, "none");
  EXPECT_EQ(put_document(other).code, "MalformedXML");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt?encryption"}).status, 204);
  EXPECT_EQ(as("admin", {.target = "/bkt?encryption"}).body, preset);
}

class PlainObjectTest : public EncryptionTest {
 protected:
  [[nodiscard]] bool is_encrypted() const override { return false; }
};

TEST_F(PlainObjectTest, IsNotCalledEncrypted) {
  EXPECT_EQ(encryption_of(as("admin", {.method = "PUT", .target = "/bkt/k", .body = "bytes"})),
            "none");
  EXPECT_EQ(encryption_of(as("admin", {.target = "/bkt/k"})), "none");
}

}  // namespace
}  // namespace signet::s3
