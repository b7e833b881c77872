#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "base/strings.h"
#include "crypto/certificates_for_test.h"
#include "iam/fixture_for_test.h"

namespace signet::iam {
namespace {

constexpr std::string_view kChainFault =
    "MalformedCertificate: Unable to validate certificate chain. The certificate chain must start "
    "with the immediate signing certificate, followed by any intermediaries in order. The index "
    "within the chain of the invalid certificate is: ";
constexpr std::string_view kUnparsable =
    "MalformedCertificate: Unable to parse certificate. Please ensure the certificate is in PEM "
    "format.";

UploadServerCertificateRequest request_of(std::string_view body,
                                          std::string_view key,
                                          std::string name = "web") {
  UploadServerCertificateRequest request;
  request.server_certificate_name = std::move(name);
  request.certificate_body = body;
  request.private_key = Secret(std::string(key));
  return request;
}

class ServerCertificates : public ::testing::Test {
 protected:
  auto upload(std::string name = "web") {
    return world_.call(request_of(crypto::kLeaf, crypto::kLeafKey, std::move(name)));
  }

  std::string upload_with(std::string_view body, std::string_view key) {
    return outcome(world_.call(request_of(body, key)));
  }

  std::string upload_chain(std::string chain) {
    UploadServerCertificateRequest request = request_of(crypto::kLeaf, crypto::kLeafKey);
    request.certificate_chain = std::move(chain);
    return outcome(world_.call(request));
  }

  auto get(const char* name) {
    return world_.call(GetServerCertificateRequest{.server_certificate_name = name});
  }

  std::string move_to(std::optional<std::string> path, std::optional<std::string> name) {
    return outcome(world_.call(
        UpdateServerCertificateRequest{.server_certificate_name = "web",
                                       .new_path = std::move(path),
                                       .new_server_certificate_name = std::move(name)}));
  }

  IamFixture world_;
};

TEST_F(ServerCertificates, AreShownWithoutTheirKey) {
  UploadServerCertificateRequest request = request_of(crypto::kLeaf, crypto::kLeafKey);
  request.path = "/cloudfront/";
  request.certificate_chain = concat(crypto::kIntermediate, crypto::kRoot);
  request.tags = {{"Team", "one"}, {"team", "two"}};

  const auto made = world_.call(request);

  ASSERT_EQ(outcome(made), "ok");
  const ServerCertificateMetadata& shown = *made->server_certificate_metadata;
  EXPECT_TRUE(shown.server_certificate_id.starts_with("ASCA"));
  EXPECT_EQ(shown.arn, "arn:aws:iam::111122223333:server-certificate/cloudfront/web");
  EXPECT_EQ(shown.path, "/cloudfront/");
  EXPECT_EQ(shown.upload_date, world_.now());
  EXPECT_EQ(shown.expiration, Instant::from_seconds(4'733'510'400));
  EXPECT_EQ(made->tags->size(), 2U);
  const auto got = get("WEB");
  ASSERT_EQ(outcome(got), "ok");
  const ServerCertificate& certificate = got->server_certificate;
  EXPECT_EQ(concat(certificate.certificate_body, "\n"), crypto::kLeaf);
  EXPECT_EQ(concat(*certificate.certificate_chain, "\n"), *request.certificate_chain);
  EXPECT_EQ(certificate.tags->size(), 2U);
  EXPECT_EQ(certificate.server_certificate_metadata.arn, shown.arn);
  const auto* kept =
      world_.snapshot()->find<identity::ServerCertificate>(IamFixture::kAccount, "web");
  EXPECT_EQ(kept->private_key->reveal(secret_access()), crypto::kLeafKey);
}

TEST_F(ServerCertificates, NeedNoChain) {
  ASSERT_EQ(outcome(upload()), "ok");
  EXPECT_FALSE(get("web")->server_certificate.certificate_chain.has_value());
  EXPECT_TRUE(get("web")->server_certificate.tags->empty()) << "shown though there are none";
}

TEST_F(ServerCertificates, MustBeReadableAndValidAndHaveTheirOwnKey) {
  EXPECT_EQ(upload_with("no certificate", crypto::kLeafKey), kUnparsable);
  EXPECT_EQ(upload_with(concat(crypto::kLeaf, crypto::kIntermediate), crypto::kLeafKey),
            kUnparsable);
  EXPECT_EQ(upload_with(crypto::kExpiredLeaf, crypto::kLeafKey),
            "MalformedCertificate: Certificate is no longer valid. The 'Not After' date "
            "restriction on the certificate has passed.");
  EXPECT_EQ(upload_with(crypto::kFutureLeaf, crypto::kLeafKey),
            "MalformedCertificate: Certificate is not yet valid. The 'Not Before' date "
            "restriction on the certificate has not passed.");
  EXPECT_EQ(upload_with(crypto::kLeaf, crypto::kOtherKey),
            "KeyPairMismatch: The private key did not match the public key provided. Please "
            "verify the key material and try again.");
  for (const std::string_view key : {crypto::kLeafEncryptedKey,
                                     crypto::kLeafEncryptedSec1Key,
                                     crypto::kLeaf,
                                     std::string_view("no key")}) {
    EXPECT_EQ(upload_with(crypto::kLeaf, key),
              "MalformedCertificate: Unable to parse the private key. Please ensure that it is "
              "an RSA or EC key in PEM format and not encrypted.");
  }
  EXPECT_EQ(outcome(get("web")),
            "NoSuchEntity: The Server Certificate with name web cannot be found.");
  EXPECT_EQ(upload_with(crypto::kRsa, crypto::kRsaKey), "ok");
}

TEST_F(ServerCertificates, MustBeLedToTheEndOfTheirChain) {
  EXPECT_EQ(upload_chain("no chain"), "MalformedCertificate: ") << "without a sentence";
  EXPECT_EQ(upload_chain(" \n"), "MalformedCertificate: ");
  EXPECT_EQ(upload_chain(std::string(crypto::kOther)), concat(kChainFault, "-1"));
  EXPECT_EQ(upload_chain(concat(crypto::kRoot, crypto::kIntermediate)), concat(kChainFault, "-1"));
  EXPECT_EQ(upload_chain(concat(crypto::kLeaf, crypto::kIntermediate)), concat(kChainFault, "1"));
  EXPECT_EQ(upload_chain(concat(crypto::kExpiredIntermediate, crypto::kRoot)),
            concat(kChainFault, "1"));
  std::string long_chain(crypto::kIntermediate);
  for (int i = 0; i < 19; ++i) {
    long_chain += crypto::kRoot;
  }
  EXPECT_EQ(upload_chain(concat(long_chain, crypto::kRoot)), "MalformedCertificate: ");
  EXPECT_EQ(upload_chain(long_chain), "ok");
}

TEST_F(ServerCertificates, HaveNamesOfTheirOwn) {
  ASSERT_EQ(outcome(upload("web")), "ok");
  EXPECT_EQ(outcome(upload("WEB")),
            "EntityAlreadyExists: The Server Certificate with name WEB already exists.");
  ASSERT_EQ(outcome(upload("api")), "ok");
  EXPECT_EQ(move_to({}, "API"),
            "EntityAlreadyExists: The Server Certificate with name API already exists.");
  EXPECT_EQ(move_to({}, "Web"), "ok") << "its own name, written differently";
}

TEST_F(ServerCertificates, KeepIdAndTagsWhenTheyMove) {
  UploadServerCertificateRequest request = request_of(crypto::kLeaf, crypto::kLeafKey);
  request.tags = {{"team", "one"}};
  const std::string id = world_.call(request)->server_certificate_metadata->server_certificate_id;

  EXPECT_EQ(move_to("/a/", "site"), "ok");

  const auto got = get("site");
  ASSERT_EQ(outcome(got), "ok");
  const ServerCertificateMetadata& shown = got->server_certificate.server_certificate_metadata;
  EXPECT_EQ(shown.server_certificate_id, id);
  EXPECT_EQ(shown.arn, "arn:aws:iam::111122223333:server-certificate/a/site");
  EXPECT_EQ(got->server_certificate.tags->size(), 1U);
  EXPECT_EQ(outcome(get("web")),
            "NoSuchEntity: The Server Certificate with name web cannot be found.");
}

TEST_F(ServerCertificates, KeepEverythingInAnUpdateWithoutNameAndPath) {
  UploadServerCertificateRequest request = request_of(crypto::kLeaf, crypto::kLeafKey);
  request.tags = {{"team", "one"}};
  ASSERT_EQ(outcome(world_.call(request)), "ok");

  EXPECT_EQ(move_to({}, {}), "ok");

  EXPECT_EQ(get("web")->server_certificate.tags->size(), 1U);
}

TEST_F(ServerCertificates, AreListedByPathCountedAndLimited) {
  UploadServerCertificateRequest elsewhere =
      request_of(crypto::kLeaf, crypto::kLeafKey, "elsewhere");
  elsewhere.path = "/cloudfront/";
  ASSERT_EQ(outcome(world_.call(elsewhere)), "ok");
  for (int i = 1; i < 20; ++i) {
    ASSERT_EQ(outcome(upload(concat("web", std::to_string(i)))), "ok");
  }
  EXPECT_EQ(outcome(upload()),
            "LimitExceeded: Cannot exceed quota for ServerCertificatesPerAccount: 20");
  const auto list = world_.call(ListServerCertificatesRequest{.path_prefix = "/cloud"});
  ASSERT_EQ(list->server_certificate_metadata_list.size(), 1U);
  EXPECT_EQ(list->server_certificate_metadata_list[0].server_certificate_name, "elsewhere");
  const auto page = world_.call(ListServerCertificatesRequest{.max_items = 3});
  EXPECT_EQ(page->server_certificate_metadata_list.size(), 3U);
  EXPECT_EQ(page->is_truncated, true);
  const auto summary = world_.call(GetAccountSummaryRequest{});
  EXPECT_NE(std::ranges::find(*summary->summary_map,
                              std::pair<std::string, std::int64_t>("ServerCertificates", 20)),
            summary->summary_map->end());
  EXPECT_TRUE(world_.call(IamFixture::root(IamFixture::kOther), ListServerCertificatesRequest{})
                  ->server_certificate_metadata_list.empty());
}

TEST_F(ServerCertificates, AreDeleted) {
  ASSERT_EQ(outcome(upload()), "ok");
  const auto erase = [&] {
    return outcome(world_.call(DeleteServerCertificateRequest{.server_certificate_name = "web"}));
  };
  EXPECT_EQ(erase(), "ok");
  EXPECT_EQ(erase(), "NoSuchEntity: The Server Certificate with name web cannot be found.");
}

TEST_F(ServerCertificates, HaveTagsWhoseCaseCounts) {
  ASSERT_EQ(outcome(upload()), "ok");
  EXPECT_EQ(outcome(world_.call(TagServerCertificateRequest{.server_certificate_name = "web",
                                                            .tags = {{"a", "1"}, {"A", "2"}}})),
            "ok");
  EXPECT_EQ(outcome(world_.call(UntagServerCertificateRequest{.server_certificate_name = "web",
                                                              .tag_keys = {"a"}})),
            "ok");
  const auto tags = world_.call(ListServerCertificateTagsRequest{.server_certificate_name = "web"});
  ASSERT_EQ(tags->tags.size(), 1U);
  EXPECT_EQ(tags->tags[0].key, "A");
  EXPECT_EQ(
      outcome(world_.call(ListServerCertificateTagsRequest{.server_certificate_name = "none"})),
      "NoSuchEntity: The Server Certificate with name none cannot be found.");
}

// The name that stays is the certificate's own, not as the request spells it.
TEST_F(ServerCertificates, AreMovedOnlyWithThePermissionForBothNames) {
  ASSERT_EQ(outcome(upload("Web")), "ok");
  const auto list = world_.checks_of(
      IamFixture::root(),
      UpdateServerCertificateRequest{.server_certificate_name = "web", .new_path = "/a/"});
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].resource, "arn:aws:iam::111122223333:server-certificate/Web");
  EXPECT_EQ((*list)[1].resource, "arn:aws:iam::111122223333:server-certificate/a/Web");

  const model::Caller limited = world_.make_caller(
      "limited",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*",)"
      R"("Resource":"*"},{"Effect":"Deny","Action":"iam:UpdateServerCertificate",)"
      R"("Resource":"arn:aws:iam::*:server-certificate/a/Web"}]})");
  EXPECT_EQ(outcome(world_.call(limited,
                                UpdateServerCertificateRequest{.server_certificate_name = "web",
                                                               .new_path = "/a/"}))
                .substr(0, 13),
            "AccessDenied:");
}

}  // namespace
}  // namespace signet::iam
