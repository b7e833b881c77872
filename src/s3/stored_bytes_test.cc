#include "objects/stored_bytes.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/hex.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"
#include "s3/upload_sink.h"

namespace signet::s3 {
namespace {

// An info whose ETag and, if wanted, checksum are those of the bytes.
objects::ObjectInfo info_of(std::string_view bytes, bool with_checksum) {
  objects::ObjectInfo info;
  info.key = "k";
  info.size = bytes.size();
  info.etag = hex_of(crypto::md5(bytes));
  if (with_checksum) {
    crypto::Checksum crc(crypto::ChecksumAlgorithm::Crc32c);
    crc.update(bytes);
    info.checksum = objects::ObjectChecksum{.algorithm = crypto::ChecksumAlgorithm::Crc32c,
                                            .kind = objects::ChecksumKind::FullObject,
                                            .value = codec::encode_base64(crc.finish())};
  }
  return info;
}

bool holds(const objects::ObjectInfo& info, std::string_view bytes, std::size_t step) {
  objects::StoredBytes check(info);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    check.update(bytes.substr(at, step));
  }
  return check.verify().has_value();
}

TEST(StoredBytes, AreThoseOfTheChecksumOrTheETag) {
  const std::string bytes = "the bytes of an object";
  for (const bool with_checksum : {true, false}) {
    const objects::ObjectInfo info = info_of(bytes, with_checksum);
    for (const std::size_t step : {1U, 5U, 100U}) {
      EXPECT_TRUE(holds(info, bytes, step));
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      EXPECT_FALSE(holds(info, changed, 5)) << at;
    }
    EXPECT_FALSE(holds(info, bytes.substr(1), 5));
    EXPECT_FALSE(holds(info, bytes + "x", 5));
    EXPECT_FALSE(holds(info, "", 5));
  }
  EXPECT_TRUE(holds(info_of("", false), "", 1));
}

TEST(StoredBytes, OfAMultipartObjectAreThoseOfItsParts) {
  const std::string bytes = "part one, part two and 3";
  objects::ObjectInfo info = info_of(bytes, false);
  info.part_sizes = {8, 10, 6};
  std::string digests;
  for (const std::string_view part : {bytes.substr(0, 8), bytes.substr(8, 10), bytes.substr(18)}) {
    digests += crypto::as_view(crypto::md5(part));
  }
  info.etag = hex_of(crypto::md5(digests)) + "-3";

  for (const std::size_t step : {1U, 7U, 100U}) {
    EXPECT_TRUE(holds(info, bytes, step)) << step;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(holds(info, changed, 7)) << at;
  }
}

// Objects whose files are changed below the server.
class DamagedObjectTest : public S3ServiceTest {
 protected:
  static constexpr std::size_t kLarge = (std::size_t{1} << 20) + 1;

  // What is encrypted shows its damage by itself: sealed_file_test.cc, encryption_test.cc.
  [[nodiscard]] bool is_encrypted() const override { return false; }

  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
  }

  // The only file of an object.
  [[nodiscard]] fs::path file() const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "data")) {
      if (entry.is_regular_file()) {
        return entry.path();
      }
    }
    return {};
  }

  void change_last_byte() const {
    std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(-1, std::ios::end).put('~');
  }
};

TEST_F(DamagedObjectTest, ChangedBytesAreNeverServed) {
  for (const std::size_t size : {std::size_t{100}, std::size_t{100'000}}) {
    put("/bkt/k", std::string(size, 'v'));
    ASSERT_EQ(as("admin", {.target = "/bkt/k"}).status, 200);

    change_last_byte();

    EXPECT_EQ(as("admin", {.target = "/bkt/k"}).code, "InternalError") << size;
    const Answer range = as("admin", {.target = "/bkt/k", .headers = {{"range", "bytes=0-9"}}});
    EXPECT_EQ(range.status, 500);
    EXPECT_EQ(range.code, "InternalError");
  }
}

TEST_F(DamagedObjectTest, AFileOfAnotherSizeIsNeverServed) {
  for (const std::size_t size : {std::size_t{100}, kLarge}) {
    for (const std::size_t left : {size - 1, size + 1, std::size_t{0}}) {
      put("/bkt/k", std::string(size, 'v'));
      fs::resize_file(file(), left);

      EXPECT_EQ(as("admin", {.target = "/bkt/k"}).code, "InternalError") << size << " " << left;
      EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt/k"}).status, 500);
    }
  }
}

TEST_F(DamagedObjectTest, DamageDoesNotBecomeACopyWithAnETagThatFitsIt) {
  for (const std::size_t size : {std::size_t{100}, kLarge}) {
    put("/bkt/k", std::string(size, 'v'));
    change_last_byte();

    const Answer copy =
        as("admin",
           {.method = "PUT", .target = "/bkt/copy", .headers = {{"x-amz-copy-source", "/bkt/k"}}});

    EXPECT_EQ(copy.code, "InternalError");
    EXPECT_EQ(as("admin", {.target = "/bkt/copy"}).code, "NoSuchKey");
  }
}

TEST_F(DamagedObjectTest, DamageDoesNotBecomeAPart) {
  struct Case {
    std::size_t size;
    const char* range;  // null: all
    bool is_cut;
  };

  const Case cases[] = {{100, nullptr, false},
                        {100, "bytes=0-9", false},
                        {100, "bytes=0-9", true},
                        {kLarge, nullptr, false},
                        {kLarge, "bytes=0-9", true}};
  for (const Case& one : cases) {
    put("/bkt/k", std::string(one.size, 'v'));
    const Answer begun = as("admin", {.method = "POST", .target = "/bkt/other?uploads"});
    const std::string id(xml(begun).text_of("UploadId").value_or(""));
    Call copy{.method = "PUT",
              .target = "/bkt/other?partNumber=1&uploadId=" + id,
              .headers = {{"x-amz-copy-source", "/bkt/k"}}};
    if (one.range != nullptr) {
      copy.headers.emplace_back("x-amz-copy-source-range", one.range);
    }
    EXPECT_EQ(as("admin", copy).status, 200) << one.size;
    const std::string parts = "/bkt/other?uploadId=" + id;
    ASSERT_EQ(as("admin", {.method = "DELETE", .target = parts}).status, 204);
    const std::string again(xml(as("admin", {.method = "POST", .target = "/bkt/other?uploads"}))
                                .text_of("UploadId")
                                .value_or(""));
    copy.target = "/bkt/other?partNumber=1&uploadId=" + again;
    if (one.is_cut) {
      fs::resize_file(file(), one.size - 1);
    } else {
      change_last_byte();
    }
    EXPECT_EQ(as("admin", copy).code, "InternalError") << one.size;
    EXPECT_EQ(as("admin", {.target = "/bkt/other?uploadId=" + again}).body.find("<Part>"),
              std::string::npos);
  }
}

TEST_F(DamagedObjectTest, ADamagedPartDoesNotBecomeAnObject) {
  const Answer begun = as("admin", {.method = "POST", .target = "/bkt/k?uploads"});
  const std::string id(xml(begun).text_of("UploadId").value_or(""));
  const Answer part = as("admin",
                         {.method = "PUT",
                          .target = "/bkt/k?partNumber=1&uploadId=" + id,
                          .body = std::string(1000, 'v')});
  ASSERT_EQ(part.status, 200);
  change_last_byte();

  const Answer done =
      as("admin",
         {.method = "POST",
          .target = "/bkt/k?uploadId=" + id,
          .body = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                  std::string(part.response.headers.find("ETag").value_or("")) +
                  "</ETag></Part></CompleteMultipartUpload>"});

  EXPECT_EQ(done.code, "InternalError");
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).code, "NoSuchKey");
}

TEST_F(DamagedObjectTest, WholeLargeObjectsAreVerifiedWhenAsked) {
  put("/bkt/k", std::string(kLarge, 'v'));
  int wrong = 0;
  int right = 0;
  const auto look = [&] {
    return objects_->each_object(
        [&](std::string_view bucket, const objects::ObjectInfo& info) -> Status {
          const auto object = TRY(objects_->open_object(bucket, info.key));
          EXPECT_TRUE(object.has_value());
          (objects::verify_stored(*object) ? right : wrong) += 1;
          return {};
        });
  };
  ASSERT_TRUE(look().has_value());
  EXPECT_EQ(right, 1);

  change_last_byte();

  ASSERT_TRUE(look().has_value());
  EXPECT_EQ(wrong, 1);
}

}  // namespace
}  // namespace signet::s3
