// Additional checksums: which are verified, kept and shown, of objects and of uploads in parts.
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/checksum.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

using crypto::ChecksumAlgorithm;

std::string checksum_of(ChecksumAlgorithm algorithm, std::string_view text) {
  crypto::Checksum checksum(algorithm);
  checksum.update(text);
  return codec::encode_base64(checksum.finish());
}

class ChecksumsTest : public S3ServiceTest {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  Answer put_with(Headers headers, const std::string& body = "abd") {
    return as("admin",
              {.method = "PUT", .target = "/bkt/k", .body = body, .headers = std::move(headers)});
  }

  Answer begin(Headers headers) {
    return as("admin",
              {.method = "POST", .target = "/bkt/k?uploads", .headers = std::move(headers)});
  }

  Answer put_part(const std::string& id, Headers headers, const std::string& body = "abc") {
    return as("admin",
              {.method = "PUT",
               .target = "/bkt/k?partNumber=1&uploadId=" + id,
               .body = body,
               .headers = std::move(headers)});
  }

  static std::string id_of(const Answer& begun) {
    return std::string(xml(begun).text_of("UploadId").value_or(""));
  }
};

TEST_F(ChecksumsTest, OfEveryAlgorithmAreVerifiedKeptAndShown) {
  make_bucket();
  for (const ChecksumAlgorithm algorithm : crypto::checksum_algorithms()) {
    const std::string name(crypto::checksum_header(algorithm));
    const std::string right = checksum_of(algorithm, "abd");
    SCOPED_TRACE(name);

    EXPECT_EQ(put_with({{name, checksum_of(algorithm, "abc")}}).code, "BadDigest");
    EXPECT_EQ(put_with({{name, "nonsense"}}).code, "InvalidRequest");
    EXPECT_EQ(put_with({{name, ""}}).code, "InvalidRequest");
    EXPECT_EQ(as("admin", {.target = "/bkt/k"}).code, "NoSuchKey");

    EXPECT_EQ(put_with({{name, right}}).response.headers.find(name), right);
    for (const char* method : {"GET", "HEAD"}) {
      const Answer read = as(
          "admin",
          {.method = method, .target = "/bkt/k", .headers = {{"x-amz-checksum-mode", "ENABLED"}}});
      EXPECT_EQ(read.response.headers.find(name), right);
      EXPECT_EQ(read.response.headers.find("x-amz-checksum-type"), "FULL_OBJECT");
    }
    EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k"}).status, 204);
  }
}

TEST_F(ChecksumsTest, OfAPortionAreShownWhereItIsTheWhole) {
  make_bucket();
  put("/bkt/k", "abc");
  const auto shows = [&](const std::string& target, Headers headers) {
    headers.emplace_back("x-amz-checksum-mode", "ENABLED");
    return as("admin", {.target = target, .headers = std::move(headers)})
        .response.headers.find("x-amz-checksum-crc64nvme")
        .has_value();
  };

  EXPECT_TRUE(shows("/bkt/k", {}));
  EXPECT_TRUE(shows("/bkt/k", {{"Range", "bytes=0-2"}}));
  EXPECT_TRUE(shows("/bkt/k", {{"Range", "bytes=0-"}}));
  EXPECT_TRUE(shows("/bkt/k?partNumber=1", {}));
  EXPECT_FALSE(shows("/bkt/k", {{"Range", "bytes=0-1"}}));
  EXPECT_FALSE(shows("/bkt/k", {{"Range", "bytes=1-"}}));
}

TEST_F(ChecksumsTest, CopiesTakeTheAlgorithmThatIsAskedFor) {
  make_bucket();
  ASSERT_EQ(put_with({}, "abc").status, 200);

  const Answer copied =
      as("admin",
         {.method = "PUT",
          .target = "/bkt/copy",
          .headers = {{"x-amz-copy-source", "bkt/k"}, {"x-amz-checksum-algorithm", "XXHASH128"}}});

  EXPECT_EQ(xml(copied).text_of("ChecksumXXHASH128"),
            checksum_of(ChecksumAlgorithm::Xxhash128, "abc"));
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?prefix=copy"}))
                .find("Contents")
                ->text_of("ChecksumAlgorithm"),
            "XXHASH128");
}

TEST_F(ChecksumsTest, KindsOfAnUploadInParts) {
  make_bucket();
  for (const ChecksumAlgorithm algorithm : crypto::checksum_algorithms()) {
    const std::string name(crypto::checksum_name(algorithm));
    const bool is_crc64 = algorithm == ChecksumAlgorithm::Crc64Nvme;
    const bool is_crc = name.starts_with("CRC");
    const auto kind = [&](const char* type) {
      Headers headers{{"x-amz-checksum-algorithm", name}};
      if (type != nullptr) {
        headers.emplace_back("x-amz-checksum-type", type);
      }
      const Answer answer = begin(std::move(headers));
      return answer.status == 200
                 ? std::string(*answer.response.headers.find("x-amz-checksum-type"))
                 : answer.code;
    };
    SCOPED_TRACE(name);
    EXPECT_EQ(kind(nullptr), is_crc64 ? "FULL_OBJECT" : "COMPOSITE");
    EXPECT_EQ(kind("FULL_OBJECT"), is_crc ? "FULL_OBJECT" : "InvalidRequest");
    EXPECT_EQ(kind("COMPOSITE"), is_crc64 ? "InvalidRequest" : "COMPOSITE");
    EXPECT_EQ(kind("BOTH"), "InvalidRequest");
  }
  EXPECT_EQ(begin({{"x-amz-checksum-type", "COMPOSITE"}}).code, "InvalidRequest");
  EXPECT_EQ(begin({{"x-amz-checksum-algorithm", "MD4"}}).code, "InvalidRequest");
}

TEST_F(ChecksumsTest, PartsHaveTheUploadsAlgorithm) {
  make_bucket();
  const std::string composite = id_of(begin({{"x-amz-checksum-algorithm", "SHA512"}}));
  const std::string right = checksum_of(ChecksumAlgorithm::Sha512, "abc");

  EXPECT_NE(put_part(composite, {})
                .body.find("expected checksum Type: sha512, actual checksum "
                           "Type: null"),
            std::string::npos);
  EXPECT_EQ(
      put_part(composite, {{"x-amz-checksum-crc32", checksum_of(ChecksumAlgorithm::Crc32, "abc")}})
          .code,
      "InvalidRequest");
  EXPECT_EQ(put_part(composite, {{"x-amz-checksum-sha512", right}})
                .response.headers.find("x-amz-checksum-sha512"),
            right);
  EXPECT_EQ(xml(as("admin", {.target = "/bkt/k?uploadId=" + composite}))
                .find("Part")
                ->text_of("ChecksumSHA512"),
            right);

  const std::string whole =
      id_of(begin({{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}}));
  EXPECT_EQ(put_part(whole, {}).status, 200);
}

TEST_F(ChecksumsTest, PartsOfAnUploadWithoutAlgorithmShowTheDefault) {
  make_bucket();
  const std::string id = id_of(begin({}));

  EXPECT_EQ(put_part(id, {}).response.headers.find("x-amz-checksum-crc64nvme"),
            checksum_of(ChecksumAlgorithm::Crc64Nvme, "abc"));
}

}  // namespace
}  // namespace signet::s3
