#include "crypto/certificate.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "crypto/certificates_for_test.h"
#include "crypto/hex_pairs.h"

namespace signet::crypto {
namespace {

constexpr Instant kNow = Instant::from_seconds(1'790'000'000);  // 2026

Certificate one(std::string_view pem) {
  const auto read = certificates_of_pem(pem, 1);
  EXPECT_TRUE(read.has_value());
  return read ? read->front() : Certificate{};
}

std::string hex_of(const auto& bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out.append(kHexPairs.at(byte).data(), 2);
  }
  return out;
}

bool is_read(std::string_view pem, std::size_t max = 9) {
  return certificates_of_pem(pem, max).has_value();
}

KeyMatch match(std::string_view certificate, std::string_view key) {
  return match_private_key(one(certificate), Secret(std::string(key)));
}

std::optional<int> fault(const std::vector<std::string_view>& pems) {
  std::vector<Certificate> chain;
  for (const std::string_view pem : pems) {
    chain.push_back(one(pem));
  }
  return find_chain_fault(chain, kNow);
}

TEST(Certificate, IsReadFromPem) {
  const Certificate leaf = one(kLeaf);
  EXPECT_EQ(leaf.der.size(), 378U);
  // `openssl x509 -fingerprint -sha1`
  EXPECT_EQ(hex_of(leaf.sha1), "8c8fd8241ba2372e4f79a5acc2c41e3a8afd60b9");
  EXPECT_EQ(leaf.not_before, Instant::from_seconds(1'577'836'800));  // 2020-01-01
  EXPECT_EQ(leaf.not_after, Instant::from_seconds(4'733'510'400));   // 2120-01-01
  EXPECT_TRUE(leaf.is_valid_at(leaf.not_before));
  EXPECT_TRUE(leaf.is_valid_at(leaf.not_after));
  EXPECT_FALSE(leaf.is_valid_at(leaf.not_before.plus_seconds(-1)));
  EXPECT_FALSE(leaf.is_valid_at(leaf.not_after.plus_seconds(1)));
}

TEST(Certificate, StandsInAListWithWhiteSpaceAlone) {
  const auto read =
      certificates_of_pem(concat("\r\n ", kLeaf, "\n\t", kIntermediate, kRoot, "\n\n"), 3);
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ(read->at(1).der, one(kIntermediate).der);
  EXPECT_FALSE(is_read(concat(kLeaf, kIntermediate), 1)) << "more than were asked for";
  EXPECT_FALSE(is_read(concat("Certificate:\n", kLeaf)));
  EXPECT_FALSE(is_read(concat(kLeaf, "and so on")));
  EXPECT_FALSE(is_read(concat(kLeaf, "-----BEGIN CERTIFICATE-----\n")));
  EXPECT_FALSE(is_read(concat(kLeaf, kLeafKey)));
}

TEST(Certificate, OtherTextIsNone) {
  for (const std::string_view text :
       {std::string_view(""),
        std::string_view(" \n"),
        std::string_view("not a certificate"),
        std::string_view("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
        std::string_view("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        kLeafKey}) {
    EXPECT_FALSE(is_read(text)) << text;
  }
  std::string headed(kLeaf);
  headed.insert(headed.find('\n') + 1, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n");
  EXPECT_FALSE(is_read(headed));
  std::string other_label(kLeaf);
  for (std::size_t at = 0; (at = other_label.find("CERTIFICATE", at)) != std::string::npos;) {
    other_label.replace(at, 11, "X509 CERTIFICATE");
    at += 16;
  }
  EXPECT_FALSE(is_read(other_label));
}

TEST(Certificate, AnyChangedCharacterIsNoneOrAnother) {
  const std::string der = one(kLeaf).der;
  const std::size_t first = kLeaf.find('\n') + 1;
  for (std::size_t at = first; at < kLeaf.find("-----END"); ++at) {
    std::string changed(kLeaf);
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const auto read = certificates_of_pem(changed, 1);
    EXPECT_TRUE(!read || read->front().der != der || kLeaf[at] == '\n') << at;
  }
}

TEST(PrivateKey, BelongsToItsCertificateAlone) {
  EXPECT_EQ(match(kLeaf, kLeafKey), KeyMatch::Same);
  EXPECT_EQ(match(kLeaf, concat("\n ", kLeafKey, " \n")), KeyMatch::Same);
  EXPECT_EQ(match(kLeaf, kLeafSec1Key), KeyMatch::Same);
  EXPECT_EQ(match(kRsa, kRsaKey), KeyMatch::Same);
  EXPECT_EQ(match(kLeaf, kOtherKey), KeyMatch::Other);
  EXPECT_EQ(match(kLeaf, kRsaKey), KeyMatch::Other);
  EXPECT_EQ(match(kRsa, kLeafKey), KeyMatch::Other);
  EXPECT_EQ(match(kEd25519, kLeafKey), KeyMatch::Other);
}

TEST(PrivateKey, ThatIsEncryptedOrNoneIsUnreadable) {
  for (const std::string_view key :
       {kLeafEncryptedKey, kLeafEncryptedSec1Key, kEd25519PemKey, kLeaf, std::string_view("key")}) {
    EXPECT_EQ(match(kLeaf, key), KeyMatch::Unreadable) << key;
  }
  EXPECT_EQ(match(kLeaf, concat(kLeafKey, kLeafKey)), KeyMatch::Unreadable);
  EXPECT_EQ(match(kLeaf, concat("text\n", kLeafKey)), KeyMatch::Unreadable);
  EXPECT_EQ(match(kEd25519, kEd25519PemKey), KeyMatch::Unreadable);
}

TEST(Chain, LeadsFromEachCertificateToItsIssuer) {
  EXPECT_EQ(fault({kLeaf}), std::nullopt);
  EXPECT_EQ(fault({kLeaf, kIntermediate}), std::nullopt);
  EXPECT_EQ(fault({kLeaf, kIntermediate, kRoot}), std::nullopt);
  EXPECT_EQ(fault({kLeaf, kIntermediate, kRoot, kRoot}), std::nullopt) << "a root issues itself";
}

TEST(Chain, NamesThePlaceOfTheFault) {
  EXPECT_EQ(fault({kLeaf, kOther}), -1);
  EXPECT_EQ(fault({kLeaf, kRoot, kIntermediate}), -1);
  EXPECT_EQ(fault({kLeaf, kIntermediate, kImpostor}), -1) << "the name alone is not enough";
  EXPECT_EQ(fault({kLeaf, kLeaf, kIntermediate}), 1) << "the leaf again, as its own issuer";
  EXPECT_EQ(fault({kOther, kIntermediate, kRoot}), 0);
  EXPECT_EQ(fault({kBelowLeaf, kLeaf, kIntermediate, kRoot}), 1) << "who may not issue";
  EXPECT_EQ(fault({kBelowLeaf, kLeaf}), 1);
  EXPECT_EQ(fault({kLeaf, kExpiredIntermediate, kRoot}), 1);
  EXPECT_EQ(fault({kLeaf, kExpiredIntermediate}), 1);
  EXPECT_EQ(fault({kExpiredLeaf, kIntermediate}), 0);
}

}  // namespace
}  // namespace signet::crypto
