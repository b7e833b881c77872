#include "sigv4/x509.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/time.h"

namespace signet::sigv4 {
namespace {

const Instant kNow = *codec::parse_amz_date("20260217T094442Z");

// A request as the credential helper sends it, to be changed.
struct Sent {
  std::string algorithm = "AWS4-X509-RSA-SHA256";
  std::string scope = "20260217/eu-central-1/rolesanywhere/aws4_request";
  std::string signed_headers = "content-type;host;x-amz-date;x-amz-x509";
  std::string signature = "00ff";
  std::vector<HeaderView> headers = {{"Host", "h"},
                                     {"Content-Type", "application/json"},
                                     {"X-Amz-Date", "20260217T094442Z"},
                                     {"X-Amz-X509", "AAAA"}};
  std::string authorization;

  std::expected<X509Signature, std::string_view> read(Instant now = kNow) {
    authorization = algorithm + " Credential=123/" + scope + ", SignedHeaders=" + signed_headers +
                    ", Signature=" + signature;
    headers.push_back({"Authorization", authorization});
    auto result = read_x509_signature(
        {.method = "POST", .target = "/sessions?roleArn=a%3Ab&profileArn=c", .headers = headers},
        "rolesanywhere",
        "{}",
        now);
    headers.pop_back();
    return result;
  }
};

TEST(X509Signature, IsReadWithWhatItSigns) {
  const auto read = Sent().read();

  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->algorithm, X509Algorithm::Rsa);
  EXPECT_EQ(read->serial, "123");
  EXPECT_EQ(read->region, "eu-central-1");
  EXPECT_EQ(read->signature, std::string("\0\xff", 2));
  // SHA-256 of the canonical request as the helper's own code writes it.
  EXPECT_EQ(read->string_to_sign,
            "AWS4-X509-RSA-SHA256\n20260217T094442Z\n"
            "20260217/eu-central-1/rolesanywhere/aws4_request\n"
            "ae90e5d20363b159e42d3237f6a7a40a95788b80fea7784c52f10abbfd3abf82");
}

TEST(X509Signature, MayBeOfEllipticCurves) {
  Sent sent{.algorithm = "AWS4-X509-ECDSA-SHA256"};
  EXPECT_EQ(sent.read()->algorithm, X509Algorithm::Ecdsa);
}

TEST(X509Signature, IsForNow) {
  EXPECT_TRUE(Sent().read(kNow.plus_seconds(900)));
  EXPECT_TRUE(Sent().read(kNow.plus_seconds(-900)));
  EXPECT_FALSE(Sent().read(kNow.plus_seconds(901)));
  EXPECT_FALSE(Sent().read(kNow.plus_seconds(-901)));
}

TEST(X509Signature, HasOneOfTheAlgorithms) {
  for (const char* algorithm :
       {"AWS4-HMAC-SHA256", "AWS4-X509-MLDSA", "AWS4-X509-RSA-SHA256x", ""}) {
    EXPECT_FALSE(Sent{.algorithm = algorithm}.read()) << algorithm;
  }
}

TEST(X509Signature, HasTheScopeOfItsService) {
  for (const char* scope : {"20260217/eu-central-1/sts/aws4_request",
                            "20260216/eu-central-1/rolesanywhere/aws4_request",
                            "20260217/eu-central-1/rolesanywhere/aws5_request",
                            "20260217/rolesanywhere/aws4_request",
                            ""}) {
    EXPECT_FALSE(Sent{.scope = scope}.read()) << scope;
  }
}

TEST(X509Signature, CoversWhatMatters) {
  for (const char* headers : {"content-type;x-amz-date;x-amz-x509",
                              "content-type;host;x-amz-x509",
                              "content-type;host;x-amz-date",
                              ""}) {
    EXPECT_FALSE(Sent{.signed_headers = headers}.read()) << headers;
  }
  Sent chained;
  chained.headers.push_back({"X-Amz-X509-Chain", "BBBB"});
  EXPECT_FALSE(chained.read()) << "the chain is not signed";
  chained.signed_headers += ";x-amz-x509-chain";
  EXPECT_TRUE(chained.read());
  chained.headers.push_back({"x-amz-x509", "CCCC"});
  EXPECT_FALSE(chained.read()) << "two certificates";
}

TEST(X509Signature, IsHexadecimal) {
  for (const char* signature : {"", "0", "zz", "00 ff"}) {
    EXPECT_FALSE(Sent{.signature = signature}.read()) << signature;
  }
}

}  // namespace
}  // namespace signet::sigv4
