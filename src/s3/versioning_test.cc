// Versions of objects, as requests and answers show them.
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

class VersioningTest : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
  }

  Answer put_document(const std::string& document) {
    const std::string md5 = codec::encode_base64(crypto::as_view(crypto::md5(document)));
    return as("admin",
              {.method = "PUT",
               .target = "/bkt?versioning",
               .body = document,
               .headers = {{"Content-MD5", md5}}});
  }

  void set_versioning(const std::string& status) {
    const Answer done = put_document("<VersioningConfiguration><Status>" + status +
                                     "</Status></VersioningConfiguration>");
    ASSERT_EQ(done.status, 200) << done.body;
  }

  static std::string header(const Answer& answer, std::string_view name) {
    return std::string(answer.response.headers.find(name).value_or("none"));
  }

  static std::string version_of(const Answer& answer) { return header(answer, "x-amz-version-id"); }

  // Answers the new version.
  std::string put_one(const std::string& body) {
    const Answer done = as("admin", {.method = "PUT", .target = "/bkt/k", .body = body});
    EXPECT_EQ(done.status, 200) << done.body;
    return version_of(done);
  }

  Answer get(const std::string& version = {}) {
    return as("admin",
              {.target = "/bkt/k" + (version.empty() ? std::string() : "?versionId=" + version)});
  }

  Answer erase(const std::string& version = {}) {
    return as("admin",
              {.method = "DELETE",
               .target = "/bkt/k" + (version.empty() ? std::string() : "?versionId=" + version)});
  }
};

TEST_F(VersioningTest, IsOffUntilItIsSet) {
  EXPECT_EQ(as("admin", {.target = "/bkt?versioning"}).body.find("Status"), std::string::npos);
  EXPECT_EQ(put_one("one"), "none");
  EXPECT_EQ(version_of(get()), "none");
  EXPECT_EQ(version_of(erase()), "none");
  EXPECT_EQ(get().code, "NoSuchKey");

  set_versioning("Enabled");
  EXPECT_NE(as("admin", {.target = "/bkt?versioning"}).body.find("<Status>Enabled</Status>"),
            std::string::npos);
}

TEST_F(VersioningTest, RefusesWhatItCannotDo) {
  EXPECT_EQ(put_document("<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled"
                         "</MfaDelete></VersioningConfiguration>")
                .code,
            "NotImplemented");
  EXPECT_EQ(
      put_document("<VersioningConfiguration><Status>On</Status></VersioningConfiguration>").code,
      "MalformedXML");
  EXPECT_EQ(put_document("<VersioningConfiguration></VersioningConfiguration>").code,
            "IllegalVersioningConfigurationException");
}

TEST_F(VersioningTest, EveryWriteMakesAVersionThatCanBeRead) {
  put("/bkt/k", "old");
  set_versioning("Enabled");
  const std::string one = put_one("one");
  const std::string two = put_one("two");

  EXPECT_NE(one, two);
  EXPECT_EQ(get().body, "two");
  EXPECT_EQ(version_of(get()), two);
  EXPECT_EQ(get(one).body, "one");
  EXPECT_EQ(version_of(get(one)), one);
  EXPECT_EQ(get("null").body, "old");
  EXPECT_EQ(get(std::string(32, 'a')).code, "NoSuchVersion");
  EXPECT_EQ(get("nonsense").code, "InvalidArgument");
}

TEST_F(VersioningTest, ADeleteMarkerHidesTheObject) {
  set_versioning("Enabled");
  const std::string one = put_one("one");

  const Answer deleted = erase();
  EXPECT_EQ(deleted.status, 204);
  EXPECT_EQ(header(deleted, "x-amz-delete-marker"), "true");
  const std::string marker = version_of(deleted);

  const Answer hidden = get();
  EXPECT_EQ(hidden.code, "NoSuchKey");
  EXPECT_EQ(header(hidden, "x-amz-delete-marker"), "true");
  EXPECT_EQ(version_of(hidden), marker);
  const Answer itself = get(marker);
  EXPECT_EQ(itself.status, 405);
  EXPECT_EQ(itself.code, "MethodNotAllowed");
  EXPECT_EQ(header(itself, "x-amz-delete-marker"), "true");
  EXPECT_EQ(header(itself, "allow"), "DELETE");
  EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt/k?versionId=" + marker}).status, 405);
  EXPECT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/c",
                .headers = {{"x-amz-copy-source", "bkt/k?versionId=" + marker}}})
                .code,
            "InvalidRequest");

  const Answer undone = erase(marker);
  EXPECT_EQ(header(undone, "x-amz-delete-marker"), "true");
  EXPECT_EQ(version_of(undone), marker);
  EXPECT_EQ(get().body, "one");
  EXPECT_EQ(version_of(erase(one)), one);
  EXPECT_EQ(get().code, "NoSuchKey");
}

TEST_F(VersioningTest, ASuspendedBucketWritesTheNullVersion) {
  set_versioning("Enabled");
  const std::string one = put_one("one");
  set_versioning("Suspended");

  EXPECT_EQ(put_one("null"), "none");
  EXPECT_EQ(version_of(get()), "null");
  EXPECT_EQ(get(one).body, "one");
  const Answer deleted = erase();
  EXPECT_EQ(version_of(deleted), "null");
  EXPECT_EQ(header(deleted, "x-amz-delete-marker"), "true");
  EXPECT_EQ(get("null").status, 405);
}

TEST_F(VersioningTest, AnEarlierVersionCanBeCopiedOverTheObject) {
  set_versioning("Enabled");
  const std::string one = put_one("one");
  const std::string two = put_one("two");

  const Answer copied = as("admin",
                           {.method = "PUT",
                            .target = "/bkt/k",
                            .headers = {{"x-amz-copy-source", "bkt/k?versionId=" + one}}});

  EXPECT_EQ(copied.status, 200) << copied.body;
  EXPECT_EQ(header(copied, "x-amz-copy-source-version-id"), one);
  EXPECT_EQ(get().body, "one");
  EXPECT_EQ(version_of(get()), version_of(copied));
  EXPECT_EQ(get(two).body, "two");
  EXPECT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/k",
                .headers = {{"x-amz-copy-source", "bkt/k?versionId=" + std::string(32, 'a')}}})
                .code,
            "NoSuchVersion");
}

TEST_F(VersioningTest, ManyAreDeletedAtOnce) {
  set_versioning("Enabled");
  const std::string one = put_one("one");
  const std::string list = "<Delete><Object><Key>k</Key><VersionId>" + one +
                           "</VersionId></Object><Object><Key>other</Key></Object>"
                           "<Object><Key>bad</Key><VersionId>x</VersionId></Object></Delete>";
  const Answer deleted =
      as("admin",
         {.method = "POST",
          .target = "/bkt?delete",
          .body = list,
          .headers = {{"Content-MD5", codec::encode_base64(crypto::as_view(crypto::md5(list)))}}});

  EXPECT_EQ(deleted.status, 200) << deleted.body;
  EXPECT_NE(deleted.body.find("<Deleted><Key>k</Key><VersionId>" + one + "</VersionId></Deleted>"),
            std::string::npos)
      << deleted.body;
  EXPECT_NE(deleted.body.find("<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>"),
            std::string::npos);
  EXPECT_NE(deleted.body.find("NoSuchVersion"), std::string::npos);
  EXPECT_EQ(get().code, "NoSuchKey");
}

TEST_F(VersioningTest, ListsAllOfThem) {
  set_versioning("Enabled");
  const std::string one = put_one("one");
  const std::string two = put_one("two");
  const std::string marker = version_of(erase());

  const Answer all = as("admin", {.target = "/bkt?versions"});
  const codec::XmlElement root = xml(all);
  EXPECT_EQ(root.name, "ListVersionsResult");
  EXPECT_EQ(root.text_of("KeyMarker"), "");
  EXPECT_EQ(root.text_of("VersionIdMarker"), "");
  EXPECT_EQ(root.find("DeleteMarker")->text_of("VersionId"), marker);
  EXPECT_EQ(root.find("DeleteMarker")->text_of("IsLatest"), "true");
  EXPECT_EQ(root.find("Version")->text_of("VersionId"), two);
  EXPECT_EQ(root.find("Version")->text_of("IsLatest"), "false");
  EXPECT_EQ(root.find("Version")->text_of("Size"), "3");

  const codec::XmlElement page = xml(as("admin", {.target = "/bkt?versions&max-keys=1"}));
  EXPECT_EQ(page.text_of("NextVersionIdMarker"), marker);
  const codec::XmlElement rest =
      xml(as("admin", {.target = "/bkt?versions&key-marker=k&version-id-marker=" + two}));
  EXPECT_EQ(rest.find("Version")->text_of("VersionId"), one);
  EXPECT_EQ(rest.find("DeleteMarker"), nullptr);

  EXPECT_EQ(as("admin", {.target = "/bkt?versions&version-id-marker=" + two}).code,
            "InvalidArgument");
  EXPECT_EQ(as("admin", {.target = "/bkt?versions&key-marker=k&version-id-marker="}).code,
            "InvalidArgument");
  EXPECT_EQ(as("admin", {.target = "/bkt?versions&key-marker=k&version-id-marker=x"}).code,
            "InvalidArgument");
  // The others are not shown.
  EXPECT_EQ(as("admin", {.target = "/bkt?list-type=2"}).body.find("<Contents>"), std::string::npos);
}

TEST_F(VersioningTest, ABucketWithVersionsIsNotEmpty) {
  set_versioning("Enabled");
  const std::string one = put_one("one");
  const std::string marker = version_of(erase());

  const Answer refused = as("admin", {.method = "DELETE", .target = "/bkt"});
  EXPECT_EQ(refused.code, "BucketNotEmpty");
  EXPECT_NE(refused.body.find("all versions"), std::string::npos);
  erase(one);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).code, "BucketNotEmpty");
  erase(marker);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).status, 204);
}

TEST_F(VersioningTest, AnUploadMakesAVersion) {
  set_versioning("Enabled");
  const std::string one = put_one("one");
  const Answer begun = as("admin", {.method = "POST", .target = "/bkt/k?uploads"});
  const std::string id(xml(begun).text_of("UploadId").value_or(""));
  const Answer part = as(
      "admin", {.method = "PUT", .target = "/bkt/k?partNumber=1&uploadId=" + id, .body = "part"});
  const Answer done =
      as("admin",
         {.method = "POST",
          .target = "/bkt/k?uploadId=" + id,
          .body = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                  header(part, "etag") + "</ETag></Part></CompleteMultipartUpload>"});

  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(version_of(done), version_of(get()));
  EXPECT_EQ(get().body, "part");
  EXPECT_EQ(get(one).body, "one");
}

TEST_F(VersioningTest, VersionsNeedPermissionsOfTheirOwn) {
  set_versioning("Enabled");
  const std::string one = put_one("one");
  const auto allowed = [&](const std::string& action, const Call& call) {
    const auto made = directory_->apply([&](const identity::Snapshot&,
                                            identity::Transaction& transaction) -> Status {
      transaction.put(user(
          kOwner,
          "limited",
          R"({"Effect":"Allow","Action":["s3:ListBucket",")" + action + R"("],"Resource":"*"})"));
      return {};
    });
    EXPECT_TRUE(made.has_value());
    return as("limited", call).code != "AccessDenied";
  };
  const Call get_version{.target = "/bkt/k?versionId=" + one};
  const Call delete_version{.method = "DELETE", .target = "/bkt/k?versionId=" + one};
  const Call list{.target = "/bkt?versions"};

  EXPECT_FALSE(allowed("s3:GetObject", get_version));
  EXPECT_TRUE(allowed("s3:GetObjectVersion", get_version));
  EXPECT_FALSE(allowed("s3:GetObjectVersion", {.target = "/bkt/k"}));
  EXPECT_FALSE(allowed("s3:DeleteObject", delete_version));
  EXPECT_FALSE(allowed("s3:ListBucket", list));
  EXPECT_TRUE(allowed("s3:ListBucketVersions", list));
  EXPECT_FALSE(allowed("s3:GetBucketPolicy", {.target = "/bkt?versioning"}));
  EXPECT_TRUE(allowed("s3:GetBucketVersioning", {.target = "/bkt?versioning"}));
  EXPECT_TRUE(allowed("s3:DeleteObjectVersion", delete_version));
}

}  // namespace
}  // namespace signet::s3
