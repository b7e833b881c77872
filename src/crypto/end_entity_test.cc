#include "crypto/end_entity.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/certificates_for_test.h"

namespace signet::crypto {
namespace {

constexpr Instant kNow = Instant::from_seconds(1'771'321'482);  // February 2026

std::vector<Certificate> all_of(std::string_view pem) {
  return *certificates_of_pem(pem, 2);
}

std::string der_of(std::string_view pem) {
  return all_of(pem).front().der;
}

Trust trust_of(std::string_view leaf,
               const std::vector<std::string>& chain,
               std::string_view anchor,
               Instant now = kNow,
               const std::vector<std::string>& lists = {}) {
  const std::vector<Certificate> anchors = all_of(anchor);
  const std::string der = der_of(leaf);
  return judge_path({.leaf = der,
                     .chain = chain,
                     .anchors = anchors,
                     .revocation_lists = lists,
                     .now = now})
      .trust;
}

TEST(EndEntity, TellsNamesAndSerialNumber) {
  const auto read = read_end_entity(der_of(kLeaf));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->serial, "4098");
  EXPECT_EQ(read->serial_hex, "1002");
  EXPECT_EQ(read->subject, "CN=leaf.example");
  EXPECT_EQ(read->issuer, "CN=intermediate.example");
  ASSERT_EQ(read->subject_parts.size(), 1U);
  EXPECT_EQ(read->subject_parts[0].type, "CN");
  EXPECT_EQ(read->subject_parts[0].value, "leaf.example");
  EXPECT_TRUE(read->dns_names.empty());
}

TEST(EndEntity, MayAuthenticateOnlyWithItsUsage) {
  EXPECT_FALSE(read_end_entity(der_of(kLeaf))->may_authenticate) << "it has no key usage";
  EXPECT_FALSE(read_end_entity(der_of(kRoot))->may_authenticate) << "it is an authority";
}

TEST(EndEntity, RefusesOtherBytes) {
  const std::string der = der_of(kLeaf);
  EXPECT_FALSE(read_end_entity(""));
  EXPECT_FALSE(read_end_entity("certificate"));
  EXPECT_FALSE(read_end_entity(der + "x"));
  EXPECT_FALSE(read_end_entity(der.substr(0, der.size() - 1)));
}

TEST(EndEntity, IsWrittenAsPem) {
  EXPECT_EQ(pem_of_certificate(der_of(kLeaf)), kLeaf);
}

TEST(Authority, SignsCertificates) {
  EXPECT_TRUE(is_authority(all_of(kRoot).front()));
  EXPECT_TRUE(is_authority(all_of(kIntermediate).front()));
  EXPECT_FALSE(is_authority(all_of(kLeaf).front()));
}

TEST(Path, LeadsToAnAnchor) {
  EXPECT_EQ(trust_of(kLeaf, {der_of(kIntermediate)}, kRoot), Trust::Trusted);
  EXPECT_EQ(trust_of(kLeaf, {}, kIntermediate), Trust::Trusted);
  EXPECT_EQ(trust_of(kLeaf, {der_of(kOther), der_of(kIntermediate)}, kRoot), Trust::Trusted);
}

TEST(Path, IsBrokenWithoutAnchorOrLink) {
  EXPECT_EQ(trust_of(kLeaf, {}, kRoot), Trust::Untrusted);
  EXPECT_EQ(trust_of(kLeaf, {der_of(kIntermediate)}, kOther), Trust::Untrusted);
  EXPECT_EQ(trust_of(kLeaf, {der_of(kIntermediate)}, kImpostor), Trust::Untrusted);
  EXPECT_EQ(trust_of(kLeaf, {der_of(kIntermediate), der_of(kRoot)}, kOther), Trust::Untrusted);
  EXPECT_EQ(trust_of(kBelowLeaf, {der_of(kLeaf), der_of(kIntermediate)}, kRoot), Trust::Untrusted)
      << "the leaf is no authority";
  EXPECT_EQ(trust_of(kLeaf, {"bytes"}, kIntermediate), Trust::Untrusted);
}

TEST(Path, IsForItsTimeAlone) {
  EXPECT_EQ(trust_of(kExpiredLeaf, {}, kIntermediate), Trust::OutOfTime);
  EXPECT_EQ(trust_of(kLeaf, {der_of(kExpiredIntermediate)}, kRoot), Trust::OutOfTime);
  EXPECT_EQ(trust_of(kLeaf, {}, kIntermediate, Instant::from_seconds(0)), Trust::OutOfTime);
}

TEST(Path, EndsWhereAListCannotBeRead) {
  EXPECT_FALSE(is_revocation_list(kRoot));
  EXPECT_FALSE(is_revocation_list(""));
  EXPECT_FALSE(is_revocation_list("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"));
  EXPECT_EQ(trust_of(kLeaf, {}, kIntermediate, kNow, {"no list"}), Trust::Untrusted);
}

TEST(CertificateSignature, IsOfTheRightKind) {
  const std::string ec = der_of(kLeaf);
  const std::string small_rsa = der_of(kRsa);
  for (const SignatureScheme scheme : {SignatureScheme::RsaPkcs1, SignatureScheme::Ecdsa}) {
    EXPECT_FALSE(verify_with_certificate(ec, scheme, "text", std::string(64, 'x')));
    EXPECT_FALSE(verify_with_certificate(ec, scheme, "text", ""));
    EXPECT_FALSE(verify_with_certificate(small_rsa, scheme, "text", std::string(128, 'x')));
    EXPECT_FALSE(verify_with_certificate("no certificate", scheme, "text", "x"));
  }
}

}  // namespace
}  // namespace signet::crypto
