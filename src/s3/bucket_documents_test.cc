// The documents that a bucket keeps: what is put is what is got, and what S3 refuses.
#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

constexpr const char* kCors =
    "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example.com</AllowedOrigin>"
    "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
constexpr const char* kExpire =
    "<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix>logs/</Prefix></Filter>"
    "<Status>Enabled</Status><Expiration><Days>30</Days></Expiration></Rule>"
    "</LifecycleConfiguration>";

std::string tags(const std::string& inner) {
  return "<Tagging><TagSet>" + inner + "</TagSet></Tagging>";
}

std::string tag(const std::string& key, const std::string& value) {
  return "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
}

std::string cors_rule(const std::string& inner) {
  return "<CORSConfiguration><CORSRule>" + inner + "</CORSRule></CORSConfiguration>";
}

std::string lifecycle_rule(const std::string& inner) {
  return "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status>" + inner +
         "</Rule></LifecycleConfiguration>";
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

class BucketDocuments : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
  }

  static std::string md5_of(const std::string& body) {
    return codec::encode_base64(crypto::as_view(crypto::md5(body)));
  }

  Answer put(const std::string& what,
             const std::string& body,
             const std::string& who = "admin",
             const std::string& account = kOwner) {
    return as(who,
              {.method = "PUT",
               .target = "/bkt?" + what,
               .body = body,
               .headers = {{"content-md5", md5_of(body)}}},
              account);
  }

  Answer get(const std::string& what) { return as("admin", {.target = "/bkt?" + what}); }

  Answer remove(const std::string& what) {
    return as("admin", {.method = "DELETE", .target = "/bkt?" + what});
  }

  std::string fault(const std::string& what, const std::string& body) {
    const Answer answer = put(what, body);
    return answer.code + ": " + std::string(xml(answer).text_of("Message").value_or(""));
  }
};

constexpr const char* kMalformed =
    "MalformedXML: The XML you provided was not well-formed or did not validate against our "
    "published schema";

TEST_F(BucketDocuments, ThatArePutAreGotUntilTheyAreDeleted) {
  struct Case {
    const char* what;
    std::string body;
    int put_status;
    const char* absent;
  };

  const Case cases[] = {{"tagging", tags(tag("team", "blue")), 204, "NoSuchTagSet"},
                        {"cors", kCors, 200, "NoSuchCORSConfiguration"},
                        {"lifecycle", kExpire, 200, "NoSuchLifecycleConfiguration"}};
  for (const Case& each : cases) {
    const Answer none = get(each.what);
    EXPECT_EQ(none.status, 404) << each.what;
    EXPECT_EQ(none.code, each.absent);
    EXPECT_EQ(xml(none).text_of("BucketName"), "bkt");

    const Answer put_answer = put(each.what, each.body);
    EXPECT_EQ(put_answer.status, each.put_status) << put_answer.body;
    EXPECT_EQ(put_answer.body, "");
    const Answer kept = get(each.what);
    EXPECT_EQ(kept.status, 200);
    EXPECT_EQ(kept.response.headers.find("content-type"), "application/xml");

    EXPECT_EQ(remove(each.what).status, 204);
    EXPECT_EQ(get(each.what).code, each.absent);
    EXPECT_EQ(remove(each.what).status, 204);
  }
}

TEST_F(BucketDocuments, AreAnsweredInTheOrderOfTheModelWithoutWhiteSpace) {
  ASSERT_EQ(put("cors",
                "<?xml version=\"1.0\"?>\n<CORSConfiguration "
                "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n <CORSRule>\n"
                "  <MaxAgeSeconds> 60 </MaxAgeSeconds>\n  <AllowedOrigin>*</AllowedOrigin>\n"
                "  <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>\n"
                " </CORSRule>\n</CORSConfiguration>")
                .status,
            200);

  EXPECT_EQ(get("cors").body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule>"
            "<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>"
            "<AllowedOrigin>*</AllowedOrigin><MaxAgeSeconds>60</MaxAgeSeconds></CORSRule>"
            "</CORSConfiguration>");
}

TEST_F(BucketDocuments, ReplaceOneAnotherAndStandBesideOthers) {
  ASSERT_EQ(put("tagging", tags(tag("a", "1"))).status, 204);
  ASSERT_EQ(put("cors", kCors).status, 200);
  ASSERT_EQ(put("tagging", tags(tag("b", "&lt;2&gt;"))).status, 400);  // not what tags are made of
  ASSERT_EQ(put("tagging", tags(tag("b", "2"))).status, 204);

  EXPECT_NE(get("tagging").body.find("<Key>b</Key>"), std::string::npos);
  EXPECT_EQ(get("tagging").body.find("<Key>a</Key>"), std::string::npos);
  EXPECT_EQ(get("cors").status, 200);
  EXPECT_EQ(remove("cors").status, 204);
  EXPECT_EQ(get("tagging").status, 200);
}

TEST_F(BucketDocuments, GoWithTheirBucket) {
  ASSERT_EQ(put("tagging", tags(tag("a", "1"))).status, 204);
  ASSERT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).status, 204);
  make_bucket();

  EXPECT_EQ(get("tagging").code, "NoSuchTagSet");
}

TEST_F(BucketDocuments, NeedThePermissionThatAwsHasForThem) {
  struct Case {
    const char* method;
    const char* what;
    const char* action;
  };

  constexpr Case kCases[] = {{"GET", "tagging", "s3:GetBucketTagging"},
                             {"PUT", "tagging", "s3:PutBucketTagging"},
                             {"DELETE", "tagging", "s3:PutBucketTagging"},
                             {"GET", "cors", "s3:GetBucketCORS"},
                             {"PUT", "cors", "s3:PutBucketCORS"},
                             {"DELETE", "cors", "s3:PutBucketCORS"},
                             {"GET", "lifecycle", "s3:GetLifecycleConfiguration"},
                             {"PUT", "lifecycle", "s3:PutLifecycleConfiguration"},
                             {"DELETE", "lifecycle", "s3:PutLifecycleConfiguration"},
                             {"GET", "ownershipControls", "s3:GetBucketOwnershipControls"},
                             {"PUT", "ownershipControls", "s3:PutBucketOwnershipControls"}};
  for (const Case& each : kCases) {
    const Call call{.method = each.method,
                    .target = std::string("/bkt?") + each.what,
                    .body = "x",
                    .headers = {{"content-md5", md5_of("x")}}};
    const Answer refused = as("nobody", call);
    EXPECT_EQ(refused.code, "AccessDenied") << each.method << each.what;
    EXPECT_NE(refused.body.find(each.action), std::string::npos) << refused.body;
    EXPECT_EQ(as("anonymous", call).code, "AccessDenied");
    EXPECT_EQ(as("admin", call, kOther).code, "AccessDenied");
    EXPECT_NE(as("admin", call).code, "AccessDenied");
  }
}

TEST_F(BucketDocuments, BelongToTheExpectedOwnerOrAreRefused) {
  for (const char* what : {"tagging", "cors", "lifecycle", "ownershipControls"}) {
    for (const char* method : {"GET", "PUT"}) {
      const Call call{
          .method = method,
          .target = std::string("/bkt?") + what,
          .body = "x",
          .headers = {{"content-md5", md5_of("x")}, {"x-amz-expected-bucket-owner", kOther}}};
      EXPECT_EQ(as("admin", call).code, "AccessDenied") << method << what;
    }
  }
  EXPECT_EQ(as("admin", {.target = "/other?cors"}).code, "NoSuchBucket");
}

TEST_F(BucketDocuments, MustComeWithADigest) {
  const std::string body = tags(tag("a", "1"));
  const Answer without = as("admin", {.method = "PUT", .target = "/bkt?tagging", .body = body});
  EXPECT_EQ(without.code, "InvalidRequest");
  const Answer wrong = as("admin",
                          {.method = "PUT",
                           .target = "/bkt?tagging",
                           .body = body,
                           .headers = {{"content-md5", md5_of("other")}}});
  EXPECT_EQ(wrong.code, "BadDigest");
  EXPECT_EQ(get("tagging").code, "NoSuchTagSet");
}

// Old SDKs send none with these (tools/import_botocore.py, S3_DIGEST_NEEDED).
TEST_F(BucketDocuments, SomeComeWithoutADigestAndAWrongOneIsRefused) {
  const std::string body =
      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  const Answer wrong = as("admin",
                          {.method = "PUT",
                           .target = "/bkt?versioning",
                           .body = body,
                           .headers = {{"content-md5", md5_of("other")}}});
  EXPECT_EQ(wrong.code, "BadDigest");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt?versioning", .body = body}).status, 200);
}

TEST_F(BucketDocuments, OfAnotherFormAreMalformed) {
  const std::pair<const char*, std::string> cases[] = {
      {"tagging", ""},
      {"tagging", "<Tagging>"},
      {"tagging", "<Tags><TagSet/></Tags>"},
      {"tagging", "<Tagging><TagSet/><TagSet/></Tagging>"},
      {"tagging", "<Tagging><TagSet>text</TagSet></Tagging>"},
      {"tagging", tags("<Tag><Key>a</Key></Tag>")},
      {"tagging", tags("<Tag><Key></Key><Value>v</Value></Tag>")},
      {"tagging", tags("<Tag><Key>a<b/></Key><Value>v</Value></Tag>")},
      {"tagging", tags("<Label/>")},
      {"cors", "<CORSConfiguration/>"},
      {"cors", cors_rule("<AllowedOrigin>*</AllowedOrigin>")},
      {"cors", cors_rule("<AllowedMethod>GET</AllowedMethod>")},
      {"cors",
       cors_rule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
                 "<MaxAgeSeconds>soon</MaxAgeSeconds>")},
      {"cors",
       "<CORSConfiguration>" +
           repeated("<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
                    "</CORSRule>",
                    101) +
           "</CORSConfiguration>"},
      {"lifecycle", "<LifecycleConfiguration/>"},
      {"lifecycle", lifecycle_rule("<Expiration/>")},
      {"lifecycle",
       lifecycle_rule("<Expiration><Days>1</Days><Date>2030-01-01</Date></Expiration>")},
      {"lifecycle", lifecycle_rule("<Prefix>a</Prefix><Expiration><Days>1</Days></Expiration>")},
      {"lifecycle", lifecycle_rule("<Transition><Days>1</Days></Transition>")},
      {"lifecycle",
       lifecycle_rule("<Transition><Days>1</Days><StorageClass>TAPE</StorageClass></Transition>")},
      {"lifecycle", lifecycle_rule("<AbortIncompleteMultipartUpload/>")},
      {"lifecycle", lifecycle_rule("<NoncurrentVersionExpiration/>")},
      {"lifecycle",
       "<LifecycleConfiguration><Rule><Filter><Prefix>a</Prefix><ObjectSizeLessThan>9"
       "</ObjectSizeLessThan></Filter><Status>Enabled</Status><Expiration><Days>1</Days>"
       "</Expiration></Rule></LifecycleConfiguration>"},
      {"lifecycle",
       "<LifecycleConfiguration><Rule><Status>Enabled</Status><Expiration><Days>1</Days>"
       "</Expiration></Rule></LifecycleConfiguration>"},
      {"lifecycle",
       "<LifecycleConfiguration><Rule><Filter/><Status>On</Status><Expiration><Days>1</Days>"
       "</Expiration></Rule></LifecycleConfiguration>"},
      {"ownershipControls", "<OwnershipControls/>"},
      {"ownershipControls",
       "<OwnershipControls><Rule><ObjectOwnership>Mine</ObjectOwnership></Rule>"
       "</OwnershipControls>"}};
  for (const auto& [what, body] : cases) {
    EXPECT_EQ(fault(what, body), kMalformed) << body.substr(0, 200);
  }
}

TEST_F(BucketDocuments, TagsAreHeldToTheRules) {
  EXPECT_EQ(fault("tagging", "<Tagging/>"), ": ");  // none
  EXPECT_EQ(fault("tagging", tags(tag("aws:x", "v"))),
            "InvalidTag: System tags cannot be added/updated by requester");
  EXPECT_EQ(fault("tagging", tags(tag("AWS:x", "v"))),
            "InvalidTag: Invalid Tag. Tags cannot start with \"aws:\"(case insensitive) unless "
            "they are System Tags that start with \"aws:\"(case sensitive)");
  EXPECT_EQ(fault("tagging", tags(tag("a", "1") + tag("a", "2"))),
            "InvalidTag: Cannot provide multiple Tags with the same key");
  EXPECT_EQ(fault("tagging", tags(tag("a!", "1"))),
            "InvalidTag: The TagKey you have provided is invalid");
  EXPECT_EQ(fault("tagging", tags(tag(std::string(129, 'k'), "1"))),
            "InvalidTag: The TagKey you have provided is invalid");
  EXPECT_EQ(fault("tagging", tags(tag(repeated("\U00010400", 65), "1"))),
            "InvalidTag: The TagKey you have provided is invalid");
  EXPECT_EQ(fault("tagging", tags(tag("a", std::string(257, 'v')))),
            "InvalidTag: The TagValue you have provided is invalid");

  std::string many;
  for (int i = 0; i < 51; ++i) {
    many += tag("k" + std::to_string(i), "v");
  }
  EXPECT_EQ(fault("tagging", tags(many)), "BadRequest: Bucket tag count cannot be greater than 50");
  EXPECT_EQ(get("tagging").code, "NoSuchTagSet");
}

TEST_F(BucketDocuments, TagsMayBeEverythingElse) {
  EXPECT_EQ(put("tagging", tags("")).status, 204);
  EXPECT_EQ(put("tagging", tags(tag("something:aws:x", "") + tag("n\u00e4 _.:/=+-@9", "w"))).status,
            204);
  EXPECT_EQ(put("tagging", tags(tag(std::string(128, 'k'), std::string(256, 'v')))).status, 204);
}

TEST_F(BucketDocuments, CorsRulesAreHeldToTheRules) {
  const std::string get_only = "<AllowedMethod>GET</AllowedMethod>";
  EXPECT_EQ(
      fault("cors",
            cors_rule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod>")),
      "InvalidRequest: Found unsupported HTTP method in CORS config. Unsupported method is "
      "PATCH");
  EXPECT_EQ(fault("cors", cors_rule("<AllowedOrigin>http://*.*</AllowedOrigin>" + get_only)),
            "InvalidRequest: AllowedOrigin \"http://*.*\" can not have more than one wildcard.");
  EXPECT_EQ(fault("cors",
                  cors_rule("<AllowedOrigin>*</AllowedOrigin>" + get_only +
                            "<AllowedHeader>x-*-*</AllowedHeader>")),
            "InvalidRequest: AllowedHeader \"x-*-*\" can not have more than one wildcard.");
  EXPECT_EQ(fault("cors",
                  cors_rule("<AllowedOrigin>*</AllowedOrigin>" + get_only +
                            "<ExposeHeader>x-*</ExposeHeader>")),
            "InvalidRequest: ExposeHeader \"x-*\" contains wildcard. We currently do not support "
            "wildcard for ExposeHeader.");
}

TEST_F(BucketDocuments, LifecycleRulesAreHeldToTheRules) {
  EXPECT_EQ(fault("lifecycle", lifecycle_rule("")),
            "InvalidRequest: At least one action needs to be specified in a rule");
  EXPECT_EQ(fault("lifecycle", lifecycle_rule("<Expiration><Days>0</Days></Expiration>")),
            "InvalidArgument: 'Days' for Expiration action must be a positive integer");
  EXPECT_EQ(fault("lifecycle",
                  lifecycle_rule("<Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>")),
            "InvalidArgument: 'Date' must be at midnight GMT");
  EXPECT_EQ(fault("lifecycle",
                  lifecycle_rule("<ID>" + std::string(256, 'i') +
                                 "</ID><Expiration><Days>1</Days></Expiration>")),
            "InvalidArgument: ID length should not exceed allowed limit of 255");
  const std::string rule =
      "<Rule><ID>same</ID><Filter/><Status>Disabled</Status><Expiration><Days>1</Days></Expiration>"
      "</Rule>";
  EXPECT_EQ(
      fault("lifecycle", "<LifecycleConfiguration>" + rule + rule + "</LifecycleConfiguration>"),
      "InvalidArgument: Rule ID must be unique. Found same ID for more than one rule");
}

TEST_F(BucketDocuments, LifecycleRulesWithoutAnIdGetOne) {
  const Answer put_answer =
      put("lifecycle",
          lifecycle_rule("<ID/><Transition><Days>0</Days><StorageClass>GLACIER_IR"
                         "</StorageClass></Transition>"));
  ASSERT_EQ(put_answer.status, 200) << put_answer.body;
  const Answer kept = get("lifecycle");
  for (const Answer* answer : {&put_answer, &kept}) {
    EXPECT_EQ(answer->response.headers.find("x-amz-transition-default-minimum-object-size"),
              "all_storage_classes_128K");
  }
  const codec::XmlElement root = xml(kept);
  const codec::XmlElement* rule = root.find("Rule");

  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->text_of("ID").value_or("").size(), 48U);
}

TEST_F(BucketDocuments, LifecycleKeepsOneOfTwoSmallestSizes) {
  constexpr const char* kSize = "x-amz-transition-default-minimum-object-size";
  const auto put_with = [&](const std::string& size) {
    return as("admin",
              {.method = "PUT",
               .target = "/bkt?lifecycle",
               .body = kExpire,
               .headers = {{"content-md5", md5_of(kExpire)}, {kSize, size}}});
  };
  const auto shown = [&] {
    return std::string(get("lifecycle").response.headers.find(kSize).value_or("none"));
  };

  EXPECT_EQ(put_with("varies_by_storage_class").status, 200);
  EXPECT_EQ(shown(), "varies_by_storage_class");
  EXPECT_EQ(put_with("other").code, "InvalidRequest");
  EXPECT_EQ(shown(), "varies_by_storage_class");
  EXPECT_EQ(put("lifecycle", kExpire).status, 200);
  EXPECT_EQ(shown(), "all_storage_classes_128K");
}

TEST_F(BucketDocuments, OwnersAreEnforcedUntilSomebodySaysOtherwise) {
  const auto controls = [](const std::string& value) {
    return "<OwnershipControls><Rule><ObjectOwnership>" + value +
           "</ObjectOwnership></Rule></OwnershipControls>";
  };
  const auto shown = [this] {
    const auto root = xml(get("ownershipControls"));
    const auto* rule = root.find("Rule");
    return rule != nullptr ? std::string(rule->text_of("ObjectOwnership").value_or("")) : "";
  };
  EXPECT_EQ(shown(), "BucketOwnerEnforced");

  for (const char* value : {"BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"}) {
    EXPECT_EQ(put("ownershipControls", controls(value)).status, 200);
    EXPECT_EQ(shown(), value);
  }
  EXPECT_EQ(fault("ownershipControls",
                  "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
                  "<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
                  "</OwnershipControls>"),
            kMalformed);
  EXPECT_EQ(remove("ownershipControls").status, 204);
  EXPECT_EQ(get("ownershipControls").code, "OwnershipControlsNotFoundError");
  EXPECT_EQ(remove("ownershipControls").status, 204);
}

}  // namespace
}  // namespace signet::s3
