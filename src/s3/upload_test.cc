#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "objects/object_store.h"
#include "s3/copy_source.h"
#include "s3/upload_headers.h"
#include "s3/upload_sink.h"

namespace signet::s3 {
namespace {

namespace fs = std::filesystem;

// A head with the given fields, which must outlive it.
class Head {
 public:
  Head(std::initializer_list<http::HeaderView> fields) : fields_(fields) {
    head_.headers = fields_;
  }

  operator RequestHeaders() const {
    return RequestHeaders(head_);
  }  // NOLINT(google-explicit-constructor): test sugar

 private:
  std::vector<http::HeaderView> fields_;
  http::RequestHead head_;
};

ErrorCode code_of(const Status& status) {
  return status ? ErrorCode{} : status.error().code;
}

TEST(RefuseUnsupportedHeaders, RefusesWhatWouldBeALie) {
  EXPECT_TRUE(refuse_unsupported_headers(Head{{"x-amz-acl", "private"},
                                              {"x-amz-tagging-directive", "COPY"},
                                              {"x-amz-storage-class", "STANDARD"},
                                              {"x-tagging", "a=b"}})
                  .has_value());

  for (const char* name : {"X-Amz-Server-Side-Encryption-Context",
                           "x-amz-object-lock-event-hold",
                           "x-amz-if-match-size",
                           "x-amz-if-match-initiated-time",
                           "x-amz-write-offset-bytes"}) {
    const Status status = refuse_unsupported_headers(Head{{name, "x"}});
    EXPECT_EQ(code_of(status), ErrorCode::NotImplemented) << name;
    EXPECT_EQ(status.error().fields.at(0).first, "Header");
    EXPECT_EQ(status.error().fields.at(1).first, "additionalMessage");
  }
  // Where Signet keeps no locks.
  EXPECT_EQ(code_of(refuse_local_headers(Head{{"x-amz-object-lock-mode", "GOVERNANCE"}})),
            ErrorCode::NotImplemented);
  EXPECT_EQ(code_of(refuse_local_headers(Head{{"x-amz-bypass-governance-retention", "false"}})),
            ErrorCode::InvalidArgument);
  for (const char* name : {"X-Amz-Server-Side-Encryption-Customer-Key",
                           "x-amz-website-redirect-location",
                           "x-amz-copy-source-server-side-encryption-customer-key"}) {
    EXPECT_EQ(code_of(refuse_local_headers(Head{{name, "x"}})), ErrorCode::NotImplemented) << name;
  }
  EXPECT_TRUE(refuse_local_headers(Head{{"x-amz-acl", "private"}}).has_value());
}

TEST(StoredHeaders, AreShownByAClosedList) {
  for (const char* name :
       {"content-type", "x-amz-meta-a", "x-amz-storage-class", "x-amz-website-redirect-location"}) {
    EXPECT_TRUE(is_shown(name)) << name;
  }
  for (const char* name : {"x-amz-tagging",
                           "x-amz-acl",
                           "x-amz-restore",
                           "x-amz-object-lock-mode",
                           "x-amz-object-lock-legal-hold",
                           "x-amz-server-side-encryption-customer-key",
                           "x-amz-anything-new"}) {
    EXPECT_FALSE(is_shown(name)) << name;
  }
}

TEST(Redirections, ArePathsOrUrls) {
  const auto stored = [](const std::string& target) {
    return stored_headers_of(Head{{"x-amz-website-redirect-location", target.c_str()}});
  };
  for (const char* target : {"/there", "http://a", "https://a/b?c"}) {
    const auto headers = stored(target);
    ASSERT_TRUE(headers.has_value()) << target;
    EXPECT_EQ(objects::stored_header(*headers, "x-amz-website-redirect-location"), target);
  }
  for (const std::string& target : {std::string(),
                                    std::string("there"),
                                    std::string("ftp://a"),
                                    "/" + std::string(2048, 'x')}) {
    EXPECT_FALSE(stored(target).has_value()) << target;
  }
}

TEST(StorageClasses, AreLabels) {
  const auto stored = [](const char* name) {
    return stored_headers_of(Head{{"x-amz-storage-class", name}});
  };
  for (const char* name : {"STANDARD_IA",
                           "ONEZONE_IA",
                           "INTELLIGENT_TIERING",
                           "GLACIER_IR",
                           "REDUCED_REDUNDANCY",
                           "GLACIER",
                           "DEEP_ARCHIVE"}) {
    EXPECT_EQ(storage_class_of(stored(name).value()), name);
  }
  EXPECT_TRUE(stored("STANDARD").value().empty());
  EXPECT_EQ(storage_class_of({}), "STANDARD");

  for (const char* name : {"", "standard_ia", "OUTPOSTS", "EXPRESS_ONEZONE", "x"}) {
    EXPECT_EQ(stored(name).error().code, ErrorCode::InvalidStorageClass) << name;
  }
}

TEST(StoredHeaders, KeepsWhatReadsGiveBack) {
  const objects::StoredHeaders headers =
      stored_headers_of(Head{{"Content-Type", "text/html"},
                             {"Content-Encoding", "aws-chunked, gzip"},
                             {"X-Amz-Meta-Colour", "red"},
                             {"x-amz-meta-colour", "blue"},
                             {"Authorization", "secret"},
                             {"x-amz-meta-", "nameless"}})
          .value();

  EXPECT_EQ(headers,
            (objects::StoredHeaders{{"content-type", "text/html"},
                                    {"content-encoding", "gzip"},
                                    {"x-amz-meta-colour", "red,blue"}}));
  EXPECT_TRUE(stored_headers_of(Head{{"Content-Encoding", "AWS-Chunked"}}).value().empty());
}

TEST(StoredHeaders, BoundsUserMetadata) {
  const std::string fits(2048 - 1, 'v');
  EXPECT_TRUE(stored_headers_of(Head{{"x-amz-meta-a", fits}}).has_value());
  const auto over = stored_headers_of(Head{{"x-amz-meta-ab", fits}});
  EXPECT_EQ(over.error().code, ErrorCode::MetadataTooLarge);
}

TEST(WriteConditions, ReadBothHeaders) {
  EXPECT_TRUE(write_condition_of(Head{{"If-None-Match", "*"}}).value().must_be_absent);
  EXPECT_EQ(write_condition_of(Head{{"If-Match", "\"abc\""}}).value().must_match, "abc");
  EXPECT_EQ(write_condition_of(Head{{"If-None-Match", "\"abc\""}}).error().code,
            ErrorCode::NotImplemented);
  EXPECT_EQ(write_condition_of(Head{{"If-Match", "\"\""}}).error().code,
            ErrorCode::InvalidArgument);
}

TEST(ExpectedDigests, RefuseAlgorithmsThatDoNotExist) {
  for (const char* name : {"x-amz-checksum-sha256a", "X-Amz-Checksum-crc", "x-amz-checksum-"}) {
    const auto digests = expected_digests_of(Head{{name, "x"}});
    ASSERT_FALSE(digests.has_value()) << name;
    EXPECT_EQ(digests.error().code, ErrorCode::InvalidRequest);
    EXPECT_EQ(digests.error().message,
              "The algorithm type you specified in x-amz-checksum- header is invalid.");
  }
  EXPECT_TRUE(expected_digests_of(Head{{"x-amz-checksum-algorithm", "CRC32"},
                                       {"x-amz-checksum-type", "FULL_OBJECT"},
                                       {"x-amz-checksum-mode", "ENABLED"}})
                  .has_value());
}

TEST(ExpectedDigests, RefuseWhatIsNoDigest) {
  const auto code = [](std::initializer_list<http::HeaderView> fields) {
    const auto digests = expected_digests_of(Head(fields));
    return digests ? ErrorCode{} : digests.error().code;
  };

  EXPECT_EQ(code({{"Content-MD5", "x"}}), ErrorCode::InvalidDigest);
  EXPECT_EQ(code({{"Content-MD5", "AAAA"}}), ErrorCode::InvalidDigest);
  EXPECT_EQ(code({{"x-amz-checksum-crc32", "AAAA"}}), ErrorCode::InvalidRequest);
  EXPECT_EQ(code({{"x-amz-checksum-crc32", "AAAAAA=="}, {"x-amz-checksum-crc32c", "AAAAAA=="}}),
            ErrorCode::InvalidRequest);
  EXPECT_EQ(code({{"x-amz-checksum-crc32", "AAAAAA=="}, {"x-amz-trailer", "x-amz-checksum-crc32"}}),
            ErrorCode::InvalidRequest);
  EXPECT_EQ(code({{"x-amz-trailer", "x-evil"}}), ErrorCode::InvalidRequest);
  EXPECT_EQ(code({{"x-amz-sdk-checksum-algorithm", "CRC32"}}), ErrorCode::InvalidRequest);
  EXPECT_EQ(code({{"x-amz-sdk-checksum-algorithm", "MD4"}}), ErrorCode::InvalidRequest);
  EXPECT_EQ(code({{"x-amz-sdk-checksum-algorithm", "SHA1"}, {"x-amz-checksum-crc32", "AAAAAA=="}}),
            ErrorCode::InvalidRequest);
  EXPECT_EQ(
      code({{"x-amz-sdk-checksum-algorithm", "CRC32"}, {"x-amz-trailer", "x-amz-checksum-crc32"}}),
      ErrorCode{});
}

TEST(DocumentDigests, AreRequiredAndChecked) {
  const std::string good = codec::encode_base64(crypto::as_view(crypto::md5("body")));

  EXPECT_TRUE(check_document_digests(Head{{"Content-MD5", good}}, "body", true).has_value());
  EXPECT_TRUE(check_document_digests(Head{}, "body", false).has_value());
  EXPECT_EQ(code_of(check_document_digests(Head{}, "body", true)), ErrorCode::InvalidRequest);
  EXPECT_EQ(code_of(check_document_digests(Head{{"Content-MD5", good}}, "other", true)),
            ErrorCode::BadDigest);
  EXPECT_EQ(
      code_of(check_document_digests(Head{{"x-amz-checksum-crc32", "AAAAAA=="}}, "other", true)),
      ErrorCode::BadDigest);
}

class UploadSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "signet-sink-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    store_ = objects::ObjectStore::open({.folder = folder_.string(), .is_durable = false}, random_)
                 .value();
  }

  void TearDown() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  std::unique_ptr<UploadSink> sink(ExpectedDigests expected) {
    auto made = UploadSink::make(*store_, {}, 9, std::move(expected)).value();
    EXPECT_TRUE(made->open().has_value());
    return made;
  }

  fs::path folder_;
  crypto::SystemRandom random_;
  std::unique_ptr<objects::ObjectStore> store_;
};

std::span<const char> bytes(std::string_view text) {
  return {text.data(), text.size()};
}

TEST_F(UploadSinkTest, ComputesDigestsAcrossPieces) {
  const auto one = sink({});
  ASSERT_TRUE(one->write(bytes("12345")).has_value());
  ASSERT_TRUE(one->write(bytes("6789")).has_value());

  const BodyDigests::Values digests = one->verify().value();

  EXPECT_EQ(hex_of(digests.md5), "25f9e794323b453885f5181f1b624d0b");
  EXPECT_EQ(digests.checksum.algorithm, crypto::ChecksumAlgorithm::Crc64Nvme);
  EXPECT_EQ(digests.checksum.value, "rosUhgp5mIg=");  // CRC-64/NVME check value AE8B14860A799888
}

TEST_F(UploadSinkTest, RefusesWhatDoesNotMatch) {
  const auto wrong_md5 = sink({.md5 = std::string(16, 'x')});
  EXPECT_EQ(wrong_md5->verify().error().code, ErrorCode::BadDigest);

  const auto wrong_crc = sink({.algorithm = crypto::ChecksumAlgorithm::Crc32, .value = "AAAAAA=="});
  ASSERT_TRUE(wrong_crc->write(bytes("x")).has_value());
  EXPECT_EQ(wrong_crc->verify().error().code, ErrorCode::BadDigest);
}

TEST_F(UploadSinkTest, NeedsTheTrailerItWasPromised) {
  const ExpectedDigests promised{.algorithm = crypto::ChecksumAlgorithm::Crc32,
                                 .is_trailing = true};
  const auto never = sink(promised);
  EXPECT_EQ(never->verify().error().code, ErrorCode::MalformedTrailerError);

  const auto other = sink(promised);
  ASSERT_TRUE(other->trailer("x-amz-checksum-sha1", "x").has_value());
  EXPECT_EQ(other->verify().error().code, ErrorCode::MalformedTrailerError);

  const auto wrong = sink(promised);
  ASSERT_TRUE(wrong->trailer("x-amz-checksum-crc32", "zzzzzz==").has_value());
  EXPECT_EQ(wrong->verify().error().code, ErrorCode::BadDigest);

  const auto good = sink(promised);
  ASSERT_TRUE(good->write(bytes("123456789")).has_value());
  ASSERT_TRUE(good->trailer("x-amz-checksum-crc32", "y/Q5Jg==")
                  .has_value());  // CRC-32 check value CBF43926
  EXPECT_TRUE(good->verify().has_value());
}

TEST_F(UploadSinkTest, BoundsTheSize) {
  constexpr std::int64_t kMost = facts::kUploadBytesMax;
  EXPECT_TRUE(UploadSink::make(*store_, {}, kMost, {}).has_value());
  EXPECT_EQ(UploadSink::make(*store_, {}, kMost + 1, {}).error().code, ErrorCode::EntityTooLarge);
  EXPECT_EQ(UploadSink::make(*store_, {}, -1, {}).error().code, ErrorCode::MissingContentLength);
}

TEST_F(UploadSinkTest, MakesNoFileBeforeItIsOpened) {
  const auto files = [this] {
    return std::distance(fs::directory_iterator(folder_ / "tmp"), fs::directory_iterator());
  };
  auto refused = UploadSink::make(*store_, {}, 1, {}, [](ExpectedDigests&) -> Status {
                   return std::unexpected(facts::make_error(ErrorCode::NoSuchUpload));
                 }).value();
  EXPECT_EQ(code_of(refused->open()), ErrorCode::NoSuchUpload);
  auto one = UploadSink::make(*store_, {}, 1, {}).value();
  EXPECT_EQ(files(), 0);
  ASSERT_TRUE(one->open().has_value());
  EXPECT_EQ(files(), 1);
  one.reset();
  EXPECT_EQ(files(), 0);
}

TEST(CopySource, IsDecodedOnce) {
  EXPECT_EQ(parse_copy_source("bkt/key").value().object, (Address{"bkt", "key"}));
  EXPECT_EQ(parse_copy_source("/bkt/a%2Fb%20c%2525").value().object, (Address{"bkt", "a/b c%25"}));
  EXPECT_EQ(parse_copy_source("bkt//../x?versionId=null").value().object,
            (Address{"bkt", "/../x"}));
  EXPECT_EQ(parse_copy_source("bkt/a?b").value().object, (Address{"bkt", "a?b"}));
  // As a form's value: SDKs write a blank as '+', and a plus as %2B.
  EXPECT_EQ(parse_copy_source("bkt%2Fa+b").value().object, (Address{"bkt", "a b"}));
  EXPECT_EQ(parse_copy_source("bkt/a%2Bb").value().object, (Address{"bkt", "a+b"}));
  EXPECT_FALSE(parse_copy_source("bkt/k").value().names_version);
  EXPECT_TRUE(parse_copy_source("bkt/k?versionId=null").value().names_version);
  EXPECT_EQ(parse_copy_source("bkt/k?versionId=null").value().version, "null");
}

TEST(CopySource, RefusesTheRest) {
  for (const char* text : {"",
                           "/",
                           "bkt",
                           "bkt/",
                           "/bkt/",
                           "//key",
                           "BKT/key",
                           "bkt/%",
                           "bkt/%ff",
                           "bkt/k?versionId=abc"}) {
    EXPECT_EQ(parse_copy_source(text).error().code, ErrorCode::InvalidArgument) << text;
  }
  EXPECT_EQ(parse_copy_source("arn:aws:s3:us-east-1:1:accesspoint/x/object/k").error().code,
            ErrorCode::NotImplemented);
  EXPECT_EQ(parse_copy_source("bkt/" + std::string(1025, 'k')).error().code,
            ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace signet::s3
