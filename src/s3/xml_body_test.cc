#include "s3/xml_body.h"

#include <gtest/gtest.h>

#include "facts/errors.h"

namespace signet::s3 {
namespace {

TEST(ReadBucketConfiguration, ReadsTheLocation) {
  EXPECT_EQ(read_bucket_configuration("").value().location, "");
  EXPECT_EQ(read_bucket_configuration("<CreateBucketConfiguration/>").value().location, "");
  EXPECT_EQ(read_bucket_configuration(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                "<LocationConstraint> eu-west-1\n</LocationConstraint></CreateBucketConfiguration>")
                .value()
                .location,
            "eu-west-1");
}

TEST(ReadBucketConfiguration, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(read_bucket_configuration("x").error().code, ErrorCode::MalformedXML);
  EXPECT_EQ(read_bucket_configuration("<Other/>").error().code, ErrorCode::MalformedXML);
  EXPECT_EQ(read_bucket_configuration("<CreateBucketConfiguration><X/></CreateBucketConfiguration>")
                .error()
                .code,
            ErrorCode::MalformedXML);
  EXPECT_EQ(
      read_bucket_configuration("<CreateBucketConfiguration><Bucket/></CreateBucketConfiguration>")
          .error()
          .code,
      ErrorCode::NotImplemented);
}

TEST(ReadBucketConfiguration, ReadsTags) {
  const auto read = [](const std::string& tags) {
    return read_bucket_configuration("<CreateBucketConfiguration><Tags>" + tags +
                                     "</Tags></CreateBucketConfiguration>");
  };
  const auto tags = read("<Tag><Key>a</Key><Value>b</Value></Tag><Tag><Key>c</Key><Value/></Tag>");

  ASSERT_TRUE(tags.has_value());
  ASSERT_EQ(tags->tags.size(), 2U);
  EXPECT_EQ(tags->tags.at(0), std::make_pair(std::string("a"), std::string("b")));
  EXPECT_EQ(tags->tags.at(1).second, "");
  EXPECT_TRUE(read("").value().tags.empty());
  for (const char* bad : {"<Tag><Key>a</Key></Tag>", "<Tag><Value>a</Value></Tag>", "<X/>"}) {
    EXPECT_EQ(read(bad).error().code, ErrorCode::MalformedXML) << bad;
  }
}

TEST(ReadDeleteList, ReadsKeysAsTheyAre) {
  const auto list = read_delete_list(
      "<?xml version=\"1.0\"?><Delete xmlns='x'><Object><Key> "
      "a&lt;b/../</Key></Object><Object><Key>c</Key><VersionId>null"
      "</VersionId><ETag>\"e\"</ETag></Object><Quiet>true</Quiet></Delete>");

  ASSERT_TRUE(list.has_value());
  ASSERT_EQ(list->entries.size(), 2U);
  EXPECT_EQ(list->entries[0].key, " a<b/../");
  EXPECT_EQ(list->entries[1].version_id, "null");
  EXPECT_EQ(list->entries[1].etag, "e");
  EXPECT_TRUE(list->is_quiet);
}

TEST(ReadDeleteList, BoundsTheNumberOfKeys) {
  const auto body = [](int count) {
    std::string text = "<Delete>";
    for (int i = 0; i < count; ++i) {
      text += "<Object><Key>k</Key></Object>";
    }
    return text + "</Delete>";
  };

  EXPECT_EQ(read_delete_list(body(1000)).value().entries.size(), 1000U);
  EXPECT_EQ(read_delete_list(body(1001)).error().code, ErrorCode::MalformedXML);
  EXPECT_EQ(read_delete_list(body(0)).error().code, ErrorCode::MalformedXML);
}

TEST(ReadDeleteList, RefusesMalformedBodies) {
  for (const char* body : {"",
                           "<Delete>",
                           "<Delete><Object/></Delete>",
                           "<Delete><Object><Key></Key></Object></Delete>",
                           "<X><Object><Key>k</Key></Object></X>",
                           "{}",
                           "<!DOCTYPE Delete><Delete><Object><Key>k</Key></Object></Delete>"}) {
    EXPECT_EQ(read_delete_list(body).error().code, ErrorCode::MalformedXML) << body;
  }
}

TEST(ReadCompletedParts, ReadsNumbersTagsAndChecksums) {
  const auto parts = read_completed_parts(
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;abc&quot;</ETag></Part>"
      "<Part><ETag>def</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32><PartNumber>7</PartNumber></"
      "Part></CompleteMultipartUpload>");

  ASSERT_TRUE(parts.has_value());
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ(parts->at(0).etag, "abc");
  EXPECT_EQ(parts->at(1).number, 7);
  EXPECT_TRUE(parts->at(0).checksums.empty());
  ASSERT_EQ(parts->at(1).checksums.size(), 1U);
  EXPECT_EQ(parts->at(1).checksums[0].first, crypto::ChecksumAlgorithm::Crc32);
  EXPECT_EQ(parts->at(1).checksums[0].second, "AAAAAA==");
  EXPECT_TRUE(read_completed_parts("").value().empty());
  EXPECT_TRUE(read_completed_parts("<CompleteMultipartUpload/>").value().empty());
}

TEST(ReadCompletedParts, RefusesMalformedBodies) {
  for (const char* body : {"x",
                           "<Other/>",
                           "<CompleteMultipartUpload><Part/></CompleteMultipartUpload>",
                           "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>a</"
                           "ETag></Part></CompleteMultipartUpload>",
                           "<CompleteMultipartUpload><Part><PartNumber>-1</PartNumber><ETag>a</"
                           "ETag></Part></CompleteMultipartUpload>",
                           "<CompleteMultipartUpload><Other/></CompleteMultipartUpload>"}) {
    EXPECT_EQ(read_completed_parts(body).error().code, ErrorCode::MalformedXML) << body;
  }
}

}  // namespace
}  // namespace signet::s3
