// Object Ownership and access control lists: who is let in by them, and who is not.
#include "s3/access_list.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "crypto/md5.h"
#include "crypto/sha256.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

constexpr const char* kAllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";

TEST(AccessList, IsKeptAsItWas) {
  const AccessList list{.owner = "o",
                        .grants = {{.grantee = "o", .permission = AclPermission::FullControl},
                                   {.grantee = kAllUsers, .permission = AclPermission::ReadAcp}}};
  EXPECT_EQ(decode_list(encode_list(list)), list);
  EXPECT_EQ(decode_list(encode_list({.owner = "o", .grants = {}})),
            (AccessList{.owner = "o", .grants = {}}));
  EXPECT_TRUE(is_public(list));
  EXPECT_FALSE(is_public(own_list("o")));
}

TEST(AccessList, ThatNobodyWroteIsNone) {
  for (const char* text :
       {"", "1", "1\n", "2\no", "1\no\nREAD", "1\no\nREAD ", "1\no\nDELETE x", "1\no\n\n"}) {
    EXPECT_FALSE(decode_list(text).has_value()) << text;
  }
}

class Acls : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    make_bucket();
  }

  void own(const std::string& ownership) {
    const std::string body = "<OwnershipControls><Rule><ObjectOwnership>" + ownership +
                             "</ObjectOwnership></Rule></OwnershipControls>";
    const Answer answer = as("admin",
                             {.method = "PUT",
                              .target = "/bkt?ownershipControls",
                              .body = body,
                              .headers = {{"content-md5", digest(body)}}});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  static std::string digest(const std::string& body) {
    return codec::encode_base64(crypto::as_view(crypto::md5(body)));
  }

  Answer put_acl(const std::string& target,
                 const std::string& header,
                 const std::string& value,
                 const std::string& account = kOwner) {
    return as("admin",
              {.method = "PUT", .target = target + "?acl", .headers = {{header, value}}},
              account);
  }

  int get(const std::string& who, const std::string& account = kOwner) {
    return as(who, {.target = "/bkt/k"}, account).status;
  }

  std::string owner_of(const std::string& target, const std::string& account) {
    const auto root = xml(as("admin", {.target = target + "?acl"}, account));
    const auto* owner = root.find("Owner");
    return owner != nullptr ? std::string(owner->text_of("ID").value_or("")) : "";
  }

  std::string id_of(const std::string& account) {
    return canonical_id(*directory_->current(), account);
  }

  Answer put_as(const std::string& account,
                const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    Call call{.method = "PUT", .target = "/bkt/k", .body = "x"};
    for (const auto& header : headers) {
      call.headers.push_back(header);
    }
    return as("admin", call, account);
  }
};

TEST_F(Acls, OfAnEnforcedOwnerGiveNothing) {
  put("/bkt/k", "x");
  for (const char* target : {"/bkt", "/bkt/k"}) {
    EXPECT_EQ(put_acl(target, "x-amz-acl", "public-read").code, "AccessControlListNotSupported");
    EXPECT_EQ(put_acl(target, "x-amz-acl", "private").code, "AccessControlListNotSupported");
    EXPECT_EQ(put_acl(target, "x-amz-acl", "bucket-owner-full-control").status, 200);
    EXPECT_EQ(put_acl(target, "x-amz-acl", "nobody").code, "InvalidArgument");
  }
  EXPECT_EQ(put_as(kOwner, {{"x-amz-acl", "private"}}).code, "AccessControlListNotSupported");
  EXPECT_EQ(get("anonymous"), 403);

  // What a list gave ends where the owner is enforced, and comes back with the list.
  own("ObjectWriter");
  ASSERT_EQ(put_acl("/bkt/k", "x-amz-acl", "public-read").status, 200);
  EXPECT_EQ(get("anonymous"), 200);
  own("BucketOwnerEnforced");
  EXPECT_EQ(get("anonymous"), 403);
  EXPECT_EQ(as("admin", {.target = "/bkt/k?acl"}).body.find("AllUsers"), std::string::npos);
  own("BucketOwnerPreferred");
  EXPECT_EQ(get("anonymous"), 200);
}

TEST_F(Acls, LetInWhomTheyName) {
  own("ObjectWriter");
  put("/bkt/k", "x");
  EXPECT_EQ(get("anonymous"), 403);
  EXPECT_EQ(get("admin", kOther), 403);

  ASSERT_EQ(put_acl("/bkt/k", "x-amz-grant-read", "id=\"" + id_of(kOther) + "\"").status, 200);
  EXPECT_EQ(get("admin", kOther), 200);
  EXPECT_EQ(get("root", kOther), 200);
  EXPECT_EQ(get("anonymous"), 403);
  // Naming an account leaves it to the policies of its users.
  EXPECT_EQ(get("nobody"), 403);
  EXPECT_EQ(as("admin", {.target = "/bkt/k?acl"}, kOther).status, 403);
  EXPECT_EQ(put_acl("/bkt/k", "x-amz-acl", "public-read", kOther).status, 403);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k"}, kOther).status, 403);
  EXPECT_EQ(as("admin", {.target = "/bkt"}, kOther).status, 403);

  ASSERT_EQ(put_acl("/bkt/k", "x-amz-acl", "authenticated-read").status, 200);
  EXPECT_EQ(get("admin", kOther), 200);
  EXPECT_EQ(get("anonymous"), 403);
  ASSERT_EQ(put_acl("/bkt/k", "x-amz-acl", "public-read").status, 200);
  EXPECT_EQ(get("anonymous"), 200);
  EXPECT_EQ(put_acl("/bkt/k", "x-amz-acl", "log-delivery-write").code, "InvalidArgument");
}

TEST_F(Acls, NeverPassADenial) {
  own("ObjectWriter");
  put("/bkt/k", "x");
  ASSERT_EQ(put_acl("/bkt/k", "x-amz-acl", "public-read").status, 200);
  set_policy(
      R"({"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"})");
  EXPECT_EQ(get("anonymous"), 403);
  EXPECT_EQ(get("admin", kOther), 403);
  EXPECT_EQ(get("admin"), 403);
}

TEST_F(Acls, OfBucketsOpenListingsAndUploads) {
  own("ObjectWriter");
  put("/bkt/k", "x");
  const auto list = [this](const std::string& account, const std::string& who = "admin") {
    return as(who, {.target = "/bkt?list-type=2"}, account).status;
  };
  EXPECT_EQ(list(kOther), 403);
  ASSERT_EQ(put_acl("/bkt", "x-amz-acl", "public-read").status, 200);
  EXPECT_EQ(list(kOther), 200);
  EXPECT_EQ(list(kOwner, "anonymous"), 200);
  EXPECT_EQ(get("anonymous"), 403) << "the bucket's list is not its objects'";
  EXPECT_EQ(as("anonymous", {.target = "/bkt/none"}).code, "NoSuchKey");
  EXPECT_EQ(put_as(kOther).status, 403);
  ASSERT_EQ(put_acl("/bkt", "x-amz-acl", "private").status, 200);
  EXPECT_EQ(list(kOther), 403);
  EXPECT_EQ(as("anonymous", {.target = "/bkt/none"}).code, "AccessDenied");
}

TEST_F(Acls, OfWritersAreTheirs) {
  own("ObjectWriter");
  ASSERT_EQ(put_acl("/bkt", "x-amz-acl", "public-read-write").status, 200);
  ASSERT_EQ(put_as(kOther).status, 200);
  EXPECT_EQ(owner_of("/bkt/k", kOther), id_of(kOther));
  // Neither the bucket's owner nor its policy opens it.
  set_policy(
      R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"})");
  EXPECT_EQ(get("admin"), 403);
  EXPECT_EQ(get("root"), 403);
  EXPECT_EQ(get("anonymous"), 403);
  EXPECT_EQ(get("admin", kOther), 200);
  EXPECT_EQ(put_acl("/bkt/k", "x-amz-acl", "public-read").status, 403);
  ASSERT_EQ(put_acl("/bkt/k", "x-amz-acl", "bucket-owner-read", kOther).status, 200);
  EXPECT_EQ(get("admin"), 200);
  EXPECT_EQ(get("nobody"), 403);
  EXPECT_EQ(as("admin", {.target = "/bkt/k?acl"}).status, 403);
  // The bucket's owner can always delete it.
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k"}).status, 204);

  ASSERT_EQ(put_as(kOther, {{"x-amz-acl", "bucket-owner-full-control"}}).status, 200);
  EXPECT_EQ(owner_of("/bkt/k", kOther), id_of(kOther));
  own("BucketOwnerPreferred");
  ASSERT_EQ(put_as(kOther, {{"x-amz-acl", "bucket-owner-full-control"}}).status, 200);
  EXPECT_EQ(owner_of("/bkt/k", kOwner), id_of(kOwner));
}

TEST_F(Acls, ThatArePublicAreBlockedOrIgnored) {
  own("ObjectWriter");
  put("/bkt/k", "x");
  ASSERT_EQ(put_acl("/bkt/k", "x-amz-acl", "public-read").status, 200);
  const auto block = [this](const std::string& setting) {
    const std::string body = "<PublicAccessBlockConfiguration><" + setting + ">true</" + setting +
                             "></PublicAccessBlockConfiguration>";
    ASSERT_EQ(as("admin",
                 {.method = "PUT",
                  .target = "/bkt?publicAccessBlock",
                  .body = body,
                  .headers = {{"content-md5", digest(body)}}})
                  .status,
              200);
  };
  block("BlockPublicAcls");
  EXPECT_EQ(get("anonymous"), 200);
  EXPECT_EQ(put_acl("/bkt/k", "x-amz-acl", "public-read").code, "AccessDenied");
  EXPECT_EQ(put_acl("/bkt", "x-amz-acl", "authenticated-read").code, "AccessDenied");
  EXPECT_EQ(put_as(kOwner, {{"x-amz-acl", "public-read"}}).code, "AccessDenied");
  EXPECT_EQ(put_acl("/bkt", "x-amz-acl", "private").status, 200);
  block("IgnorePublicAcls");
  EXPECT_EQ(get("anonymous"), 403);
  EXPECT_EQ(put_acl("/bkt/k", "x-amz-acl", "public-read").status, 200);
  EXPECT_EQ(get("anonymous"), 403);
}

TEST_F(Acls, AreNeitherCopiedNorShownAsHeaders) {
  own("ObjectWriter");
  ASSERT_EQ(put_as(kOwner, {{"x-amz-acl", "public-read"}}).status, 200);
  const Answer got = as("admin", {.target = "/bkt/k"});
  EXPECT_FALSE(got.response.headers.find("x-amz-acl").has_value());
  ASSERT_EQ(
      as("admin",
         {.method = "PUT", .target = "/bkt/copy", .headers = {{"x-amz-copy-source", "/bkt/k"}}})
          .status,
      200);
  EXPECT_EQ(as("anonymous", {.target = "/bkt/k"}).status, 200);
  EXPECT_EQ(as("anonymous", {.target = "/bkt/copy"}).status, 403);
}

TEST_F(Acls, MustBeGoneBeforeTheOwnerIsEnforced) {
  own("ObjectWriter");
  ASSERT_EQ(put_acl("/bkt", "x-amz-acl", "public-read").status, 200);
  const std::string body =
      "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
      "</OwnershipControls>";
  EXPECT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt?ownershipControls",
                .body = body,
                .headers = {{"content-md5", digest(body)}}})
                .code,
            "InvalidBucketAclWithObjectOwnership");
  ASSERT_EQ(put_acl("/bkt", "x-amz-acl", "private").status, 200);
  own("BucketOwnerEnforced");
}

TEST_F(Acls, ComeWithNewBuckets) {
  const auto make = [this](const std::string& acl, const std::string& ownership) {
    Call call{.method = "PUT", .target = "/newbucket", .headers = {{"x-amz-acl", acl}}};
    if (!ownership.empty()) {
      call.headers.push_back({"x-amz-object-ownership", ownership});
    }
    return as("admin", call).code;
  };
  EXPECT_EQ(make("public-read", ""), "InvalidBucketAclWithObjectOwnership");
  EXPECT_EQ(make("public-read", "BucketOwnerEnforced"), "InvalidBucketAclWithObjectOwnership");
  EXPECT_EQ(make("public-read", "ObjectWriter"), "InvalidBucketAclWithBlockPublicAccessError");
  EXPECT_EQ(make("nobody", "ObjectWriter"), "InvalidArgument");
  EXPECT_EQ(make("log-delivery-write", "ObjectWriter"), "");
  EXPECT_NE(as("admin", {.target = "/newbucket?acl"}).body.find("LogDelivery"), std::string::npos);
}

}  // namespace
}  // namespace signet::s3
