// Completing uploads again, against what happened meanwhile, and listing them.
#include <gtest/gtest.h>

#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

class MultipartTest : public S3ServiceTest {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  std::string begin(const std::string& key = "k", const std::string& who = "admin") {
    const Answer begun = as(who, {.method = "POST", .target = "/bkt/" + key + "?uploads"});
    return std::string(xml(begun).text_of("UploadId").value_or(""));
  }

  // The <Part> of a part that is put.
  std::string put_part(const std::string& id, const std::string& body) {
    const Answer part = as(
        "admin", {.method = "PUT", .target = "/bkt/k?partNumber=1&uploadId=" + id, .body = body});
    return "<Part><PartNumber>1</PartNumber><ETag>" +
           std::string(part.response.headers.find("etag").value_or("")) + "</ETag></Part>";
  }

  Answer complete(const std::string& id, const std::string& parts, Headers headers = {}) {
    return as("admin",
              {.method = "POST",
               .target = "/bkt/k?uploadId=" + id,
               .body = "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>",
               .headers = std::move(headers)});
  }

  std::string etag_of(const std::string& target) {
    return std::string(*as("admin", {.target = target}).response.headers.find("etag"));
  }
};

TEST_F(MultipartTest, CompletingAgainAnswersTheSame) {
  make_bucket();
  const std::string id = begin();
  const std::string part = put_part(id, "one");
  const std::string other = put_part(begin(), "two");

  const Answer first = complete(id, part, {{"If-None-Match", "*"}});
  const Answer again = complete(id, part, {{"If-None-Match", "*"}});

  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(xml(first).text_of("Location"), "http://localhost/bkt/k");
  EXPECT_EQ(complete(id, other).code, "NoSuchUpload");
  EXPECT_EQ(complete(id, part + part).code, "NoSuchUpload");
  EXPECT_EQ(complete("other", part).code, "NoSuchUpload");

  put("/bkt/k", "over");
  EXPECT_EQ(complete(id, part).code, "NoSuchUpload");
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "over");
}

TEST_F(MultipartTest, ACopyIsNotTheUploadsObject) {
  make_bucket();
  const std::string id = begin();
  const std::string part = put_part(id, "one");
  ASSERT_EQ(complete(id, part).status, 200);
  ASSERT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/k",
                .headers = {{"x-amz-copy-source", "bkt/k"}, {"x-amz-storage-class", "STANDARD"}}})
                .status,
            200);

  EXPECT_EQ(complete(id, part).code, "NoSuchUpload");
}

TEST_F(MultipartTest, PartsAreNeeded) {
  make_bucket();
  const std::string id = begin();

  EXPECT_EQ(complete(id, "").code, "InvalidRequest");
  EXPECT_EQ(xml(complete(id, "")).text_of("Message"), "You must specify at least one part");
  EXPECT_EQ(complete("unknown", "").code, "NoSuchUpload");
  EXPECT_EQ(as("admin", {.method = "POST", .target = "/bkt/k?uploadId=" + id}).code,
            "InvalidRequest");
  EXPECT_EQ(complete(id, "<Part><PartNumber>0</PartNumber><ETag>x</ETag></Part>").code,
            "InvalidArgument");
}

// What was done to the key since the upload began (columns) against conditions.
TEST_F(MultipartTest, ConditionsMustHoldOnWhatTheUploadBeganWith) {
  make_bucket();
  const Headers absent{{"If-None-Match", "*"}};

  put("/bkt/k", "old");
  std::string id = begin();
  std::string part = put_part(id, "one");
  EXPECT_EQ(complete(id, part, absent).code, "PreconditionFailed");
  ASSERT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k"}).status, 204);
  const Answer deleted = complete(id, part, absent);
  EXPECT_EQ(deleted.code, "ConditionalRequestConflict");
  EXPECT_EQ(deleted.status, 409);
  EXPECT_EQ(xml(deleted).text_of("Condition"), "If-None-Match");
  EXPECT_EQ(xml(deleted).text_of("Key"), "k");
  EXPECT_EQ(complete(id, part).status, 200);

  // Made and deleted again: the key is as empty as it was, and yet not undisturbed.
  ASSERT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k"}).status, 204);
  id = begin();
  part = put_part(id, "one");
  put("/bkt/k", "new");
  ASSERT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k"}).status, 204);
  EXPECT_EQ(complete(id, part, absent).code, "ConditionalRequestConflict");

  put("/bkt/k", "old");
  id = begin();
  part = put_part(id, "one");
  const std::string old = etag_of("/bkt/k");
  put("/bkt/k", "new");
  EXPECT_EQ(complete(id, part, {{"If-Match", old}}).code, "PreconditionFailed");
  EXPECT_EQ(complete(id, part, {{"If-Match", etag_of("/bkt/k")}}).code,
            "ConditionalRequestConflict");
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "new");

  id = begin();
  part = put_part(id, "one");
  EXPECT_EQ(complete(id, part, {{"If-Match", etag_of("/bkt/k")}}).status, 200);
}

TEST_F(MultipartTest, PromisesOfACompletionAreChecked) {
  make_bucket();
  const Answer begun = as(
      "admin",
      {.method = "POST",
       .target = "/bkt/k?uploads",
       .headers = {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}}});
  const std::string id(*xml(begun).text_of("UploadId"));
  const std::string part = put_part(id, "hello");
  const auto with = [&](const char* name, const char* value) {
    return complete(id, part, {{name, value}, {"x-amz-checksum-type", "FULL_OBJECT"}}).code;
  };

  EXPECT_EQ(with("x-amz-checksum-crc32", "AAAAAA=="), "BadDigest");
  EXPECT_EQ(with("x-amz-checksum-crc32", "nonsense"), "InvalidRequest");
  EXPECT_EQ(with("x-amz-checksum-crc32c", "AAAAAA=="), "BadDigest");
  EXPECT_EQ(with("x-amz-checksum-crc33", "AAAAAA=="), "InvalidRequest");
  EXPECT_EQ(complete(id, part, {{"x-amz-checksum-type", "COMPOSITE"}}).code, "InvalidRequest");
  // Without a type it would be one of the parts' checksums.
  EXPECT_EQ(complete(id, part, {{"x-amz-checksum-crc32", "NhCmhg=="}}).code, "BadDigest");
  EXPECT_EQ(with("x-amz-mp-object-size", "4"), "InvalidRequest");
  EXPECT_EQ(with("x-amz-server-side-encryption-customer-algorithm", "AES256"), "InvalidArgument");
  EXPECT_EQ(with("x-amz-checksum-crc32", "NhCmhg=="), "");
}

TEST_F(MultipartTest, ChecksumsOfPartsAreCompared) {
  make_bucket();
  const std::string plain = begin();
  std::string part = put_part(plain, "hello");
  const auto with = [&](const std::string& id, const std::string& checksum) {
    std::string changed = part;
    changed.insert(changed.find("</Part>"), checksum);
    return complete(id, changed).code;
  };
  EXPECT_EQ(with(plain, "<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>"), "InvalidPart");
  EXPECT_EQ(with(plain, "<ChecksumCRC32>NhCmhg==</ChecksumCRC32>"), "InvalidPart");

  const Answer begun = as("admin",
                          {.method = "POST",
                           .target = "/bkt/k?uploads",
                           .headers = {{"x-amz-checksum-algorithm", "CRC32"}}});
  const std::string composite(*xml(begun).text_of("UploadId"));
  const Answer put = as("admin",
                        {.method = "PUT",
                         .target = "/bkt/k?partNumber=1&uploadId=" + composite,
                         .body = "hello",
                         .headers = {{"x-amz-checksum-crc32", "NhCmhg=="}}});
  ASSERT_EQ(put.status, 200);
  const Answer missing = complete(composite, part);
  EXPECT_EQ(xml(missing).text_of("Message"),
            "The upload was created using a crc32 checksum. The complete request must include the "
            "checksum for each part. It was missing for part 1 in the request.");
  EXPECT_EQ(with(composite, "<ChecksumCRC32>NhCmhg==</ChecksumCRC32>"), "");
}

TEST_F(MultipartTest, ListingsNameTheirEndAndWhoBegan) {
  make_bucket();
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?uploads"})).text_of("NextKeyMarker"), "");
  const std::string id = begin();
  clock_.set(clock_.now().plus_seconds(1));
  const std::string later = begin();
  const std::string other = begin("z", "root");

  const codec::XmlElement list = xml(as("admin", {.target = "/bkt?uploads"}));

  EXPECT_EQ(list.text_of("NextKeyMarker"), "z");
  EXPECT_EQ(list.text_of("NextUploadIdMarker"), other);
  EXPECT_FALSE(list.text_of("Prefix").has_value());
  const codec::XmlElement* initiator = list.find("Upload")->find("Initiator");
  EXPECT_EQ(initiator->text_of("DisplayName"), "admin");
  EXPECT_EQ(list.find("Upload")->text_of("UploadId"), id);  // in the order of their beginnings
  EXPECT_EQ(list.children.back().find("Initiator")->text_of("ID")->size(), 64U);
  EXPECT_FALSE(list.children.back().find("Initiator")->text_of("DisplayName").has_value());

  const auto from = [&](const std::string& marker) {
    return as("admin", {.target = "/bkt?uploads&" + marker});
  };
  EXPECT_EQ(xml(from("key-marker=k&upload-id-marker=" + id)).find("Upload")->text_of("UploadId"),
            later);
  EXPECT_EQ(from("key-marker=k&upload-id-marker=" + other).code, "InvalidArgument");
  EXPECT_EQ(from("encoding-type=xml").code, "InvalidArgument");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt/k?uploadId=" + id}))
                .find("Initiator")
                ->text_of("DisplayName"),
            "admin");
}

// Uploads and common prefixes of a page, and where it ends: "z a/ | a/".
std::string shown(const codec::XmlElement& list) {
  std::string out;
  for (const codec::XmlElement& child : list.children) {
    if (child.name == "Upload") {
      out += std::string(child.text_of("Key").value_or("?")) + " ";
    } else if (child.name == "CommonPrefixes") {
      out += std::string(child.text_of("Prefix").value_or("?")) + " ";
    }
  }
  return out + "| " + std::string(list.text_of("NextKeyMarker").value_or(""));
}

TEST_F(MultipartTest, ListingsRollUpWhatTheDelimiterSays) {
  make_bucket();
  for (const char* key : {"a/1", "a/2", "b", "c/d/1", "c/e", "z"}) {
    begin(key);
  }
  const auto list = [&](const std::string& query) {
    return xml(as("admin", {.target = "/bkt?uploads&" + query}));
  };

  EXPECT_EQ(shown(list("delimiter=/")), "b z a/ c/ | z");
  EXPECT_EQ(list("delimiter=/").text_of("Delimiter"), "/");
  EXPECT_EQ(shown(list("delimiter=/&prefix=c/")), "c/e c/d/ | c/e");
  EXPECT_EQ(shown(list("delimiter=/&prefix=c")), "c/ | ");
  EXPECT_EQ(shown(list("delimiter=/&prefix=c&max-uploads=1")), "c/ | ");
  EXPECT_EQ(shown(list("delimiter=/&max-uploads=1")), "a/ | a/");
  EXPECT_EQ(shown(list("delimiter=")), "a/1 a/2 b c/d/1 c/e z | z");
  EXPECT_EQ(shown(list("delimiter=nowhere")), "a/1 a/2 b c/d/1 c/e z | z");
  EXPECT_EQ(shown(list("delimiter=/&encoding-type=url&prefix=c/")), "c/e c/d/ | c/e");
  EXPECT_EQ(shown(list("delimiter=/&key-marker=a/1")), "b z c/ | z") << "behind what it is part of";
  EXPECT_EQ(shown(list("delimiter=/&key-marker=b")), "z c/ | z");
}

TEST_F(MultipartTest, PagesOfRolledUpListingsAddUp) {
  make_bucket();
  for (const char* key : {"a/1", "a/2", "b", "c/1", "c/2", "d", "d"}) {
    begin(key);
  }
  std::vector<std::string> pages;
  std::string marker;
  for (bool is_truncated = true; is_truncated && pages.size() < 9;) {
    const codec::XmlElement page =
        xml(as("admin", {.target = "/bkt?uploads&delimiter=/&max-uploads=1" + marker}));
    pages.push_back(shown(page));
    is_truncated = page.text_of("IsTruncated") == "true";
    marker = "&key-marker=" + std::string(page.text_of("NextKeyMarker").value_or("")) +
             "&upload-id-marker=" + std::string(page.text_of("NextUploadIdMarker").value_or(""));
  }
  EXPECT_EQ(pages, (std::vector<std::string>{"a/ | a/", "b | b", "c/ | c/", "d | d", "d | d"}));
}

}  // namespace
}  // namespace signet::s3
