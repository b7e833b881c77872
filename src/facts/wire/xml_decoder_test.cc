// The typed requests of S3, by the generated decoders.
#include "facts/wire/xml_decoder.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "facts/outcome_for_test.h"
#include "facts/s3_wire.h"

namespace signet::facts {
namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

template <class Request>
Result<Request> read(const std::string& body, const Texts& headers = {}, const Texts& params = {}) {
  const auto in = [](const Texts& texts) {
    return [&texts](std::string_view name) -> std::optional<std::string_view> {
      const auto found = texts.find(name);
      return found == texts.end() ? std::nullopt : std::optional<std::string_view>(found->second);
    };
  };
  Request request;
  const S3Input input{
      .bucket = "b", .key = "k", .header = in(headers), .param = in(params), .body = body};
  TRY_STATUS(decode(input, request));
  return request;
}

using Tagging = s3::shapes::PutObjectTaggingRequest;
using Acl = s3::shapes::PutBucketAclRequest;
using Attributes = s3::shapes::GetObjectAttributesRequest;
using Buckets = s3::shapes::ListBucketsRequest;

std::string tagging(const std::string& inner) {
  return "<Tagging><TagSet>" + inner + "</TagSet></Tagging>";
}

constexpr const char* kMalformed =
    "MalformedXML: The XML you provided was not well-formed or did not validate against our "
    "published schema";

TEST(XmlDecoder, ReadsADocument) {
  const auto request = read<Tagging>(
      tagging("<Tag><Key>a</Key><Value> 1 </Value></Tag>\n<Tag><Value/><Key>b</Key></Tag>"),
      {},
      {{"versionId", "v"}});

  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->bucket, "b");
  EXPECT_EQ(request->key, "k");
  EXPECT_EQ(request->version_id, "v");
  ASSERT_EQ(request->tagging.tag_set.size(), 2U);
  EXPECT_EQ(request->tagging.tag_set[0].value, " 1 ");
  EXPECT_EQ(request->tagging.tag_set[1].key, "b");
  EXPECT_EQ(request->tagging.tag_set[1].value, "");
}

TEST(XmlDecoder, RefusesWhatTheModelHasNot) {
  for (const std::string body : {"",
                                 "text",
                                 "<Other/>",
                                 "<Tagging><TagSet/><TagSet/></Tagging>",
                                 "<Tagging>text<TagSet/></Tagging>",
                                 "<Tagging><TagSet/><Extra/></Tagging>",
                                 "<!DOCTYPE x><Tagging><TagSet/></Tagging>"}) {
    EXPECT_EQ(outcome(read<Tagging>(body)), kMalformed) << body;
  }
  for (const std::string inner : {"<Tag/>",
                                  "text",
                                  "<Other/>",
                                  "<Tag><Key>a</Key></Tag>",
                                  "<Tag><Key/><Value/></Tag>",
                                  "<Tag><Key><b/></Key><Value/></Tag>",
                                  "<Tag><Key>a</Key><Value/><Value/></Tag>",
                                  "<Tag><Key>a</Key><Value/>text</Tag>"}) {
    EXPECT_EQ(outcome(read<Tagging>(tagging(inner))), kMalformed) << inner;
  }
}

TEST(XmlDecoder, AListThatNeedNotBeThereIsEmpty) {
  const auto request = read<Tagging>("<Tagging/>");

  ASSERT_TRUE(request.has_value());
  EXPECT_TRUE(request->tagging.tag_set.empty());
}

TEST(XmlDecoder, ReadsTheTypeOfAnInstance) {
  const auto acl = [](const std::string& attributes) {
    return "<AccessControlPolicy><AccessControlList><Grant><Grantee " + attributes +
           "><ID>i</ID></Grantee></Grant></AccessControlList></AccessControlPolicy>";
  };
  const std::string prefix = "xmlns:q='http://www.w3.org/2001/XMLSchema-instance' ";

  const auto typed = read<Acl>(acl(prefix + "q:type='CanonicalUser'"));
  ASSERT_TRUE(typed.has_value());
  EXPECT_EQ(typed->access_control_policy->grants.front().grantee->type, "CanonicalUser");
  const auto untyped = read<Acl>(acl("type='CanonicalUser'"));
  ASSERT_TRUE(untyped.has_value());
  EXPECT_EQ(untyped->access_control_policy->grants.front().grantee->type, std::nullopt);
  EXPECT_EQ(outcome(read<Acl>(acl(prefix + "q:type='Nobody'"))), kMalformed);
}

TEST(XmlDecoder, ValuesOfADocumentAreThoseOfTheModel) {
  const auto acl = [](const std::string& permission) {
    return "<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>i</ID></"
           "Grantee><Permission>" +
           permission + "</Permission></Grant></AccessControlList></AccessControlPolicy>";
  };

  const auto request = read<Acl>(acl("READ"));

  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->access_control_policy->grants.front().permission, "READ");
  EXPECT_EQ(outcome(read<Acl>(acl("read"))), kMalformed);
  EXPECT_FALSE(read<Acl>("")->access_control_policy.has_value());
}

TEST(XmlDecoder, HeadersAndParametersAreNamedWhereTheyAreWrong) {
  const auto bad = read<Acl>("", {{"x-amz-acl", "everybody"}});

  EXPECT_EQ(outcome(bad), "InvalidArgument: Invalid Argument");
  const std::vector<std::pair<std::string, std::string>> fields = {{"ArgumentName", "x-amz-acl"},
                                                                   {"ArgumentValue", "everybody"}};
  EXPECT_EQ(bad.error().fields, fields);
  EXPECT_TRUE(read<Acl>("", {{"x-amz-acl", "public-read"}}).has_value());
  for (const std::string text : {"", "0", "10001", "-1", "1x", "99999999999"}) {
    EXPECT_FALSE(read<Buckets>("", {}, {{"max-buckets", text}}).has_value()) << text;
  }
  EXPECT_EQ(read<Buckets>("", {}, {{"max-buckets", "7"}})->max_buckets, 7);
}

TEST(XmlDecoder, ListsInHeadersAreDividedByCommas) {
  const auto request = read<Attributes>("", {{"x-amz-object-attributes", "ETag, ObjectSize"}});

  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->object_attributes, (std::vector<std::string>{"ETag", "ObjectSize"}));
  EXPECT_EQ(outcome(read<Attributes>("", {{"x-amz-object-attributes", "ETag,"}})),
            "InvalidArgument: Invalid attribute name specified");
  EXPECT_EQ(outcome(read<Attributes>("")),
            "InvalidRequest: Missing required header for this request: x-amz-object-attributes");
}

TEST(S3Sink, WritesAttributesAndListsInTheirPlace) {
  S3Sink acl;
  encode(acl,
         s3::shapes::GetBucketAclResponse{
             .grants = std::vector<s3::shapes::Grant>{
                 {.grantee = s3::shapes::Grantee{.id = "<i>", .type = "CanonicalUser"}}}});
  EXPECT_EQ(acl.document,
            "<AccessControlPolicy xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/"
            "XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>&lt;i&gt;</ID></Grantee></Grant>"
            "</AccessControlList></AccessControlPolicy>");

  S3Sink attributes;
  encode(
      attributes,
      s3::shapes::GetObjectAttributesResponse{.last_modified = Instant::from_seconds(0),
                                              .object_parts = s3::shapes::GetObjectAttributesParts{
                                                  .parts = std::vector<s3::shapes::ObjectPart>{
                                                      {.part_number = 1}, {.part_number = 2}}}});
  ASSERT_EQ(attributes.headers.size(), 1U);
  EXPECT_EQ(attributes.headers.front().second, "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_TRUE(attributes.document.contains(
      "<ObjectParts><Part><PartNumber>1</PartNumber></Part><Part><PartNumber>2</PartNumber></Part>"
      "</ObjectParts>"))
      << attributes.document;
}

}  // namespace
}  // namespace signet::facts
