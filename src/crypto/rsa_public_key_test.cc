#include "crypto/rsa_public_key.h"

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "crypto/rsa_keys_for_test.h"

namespace signet::crypto {
namespace {

std::string bytes_of(std::string_view base64) {
  std::string out(base64.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  std::size_t padding = 0;
  while (base64.ends_with('=')) {
    base64.remove_suffix(1);
    padding += 1;
  }
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

TEST(RsaPublicKey, IsTheSameInBothEncodings) {
  const std::string blob = bytes_of(kSshKey);
  const std::optional<RsaPublicKey> of_ssh = rsa_of_ssh(blob);
  const std::optional<RsaPublicKey> of_pem = rsa_of_pem(kSshKeyPem);
  ASSERT_TRUE(of_ssh.has_value());
  EXPECT_EQ(of_ssh->bits(), 2048U);
  EXPECT_EQ(of_ssh->exponent, std::string("\x01\x00\x01", 3));
  EXPECT_EQ(of_ssh, of_pem);
  EXPECT_EQ(ssh_of(*of_ssh), blob);
  EXPECT_EQ(pem_of(*of_ssh), kSshKeyPem);
  EXPECT_EQ(rsa_of_ssh(bytes_of(kShortKey))->bits(), 1024U);
}

TEST(RsaPublicKey, MalformedSshBytesAreNone) {
  const std::string blob = bytes_of(kSshKey);
  for (std::size_t size = 0; size < blob.size(); ++size) {
    EXPECT_FALSE(rsa_of_ssh(std::string_view(blob).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(rsa_of_ssh(blob + "x").has_value()) << "bytes are left";
  EXPECT_FALSE(rsa_of_ssh(bytes_of(kEd25519Key)).has_value());
  const std::string start = std::string("\0\0\0\x07ssh-rsa", 11) + std::string("\0\0\0\x01\x03", 5);
  EXPECT_TRUE(rsa_of_ssh(start + std::string("\0\0\0\x01\x7f", 5)).has_value());
  EXPECT_FALSE(rsa_of_ssh(start + std::string("\0\0\0\x01\xff", 5)).has_value()) << "negative";
  EXPECT_FALSE(rsa_of_ssh(start + std::string("\0\0\0\x02\0\x7f", 6)).has_value()) << "padded";
  EXPECT_FALSE(rsa_of_ssh(start + std::string("\0\0\0\x01\0", 5)).has_value()) << "zero";
  EXPECT_FALSE(rsa_of_ssh(start + std::string("\0\0\0\0", 4)).has_value()) << "empty";
  EXPECT_TRUE(rsa_of_ssh(start + std::string("\0\0\x08\0\x7f", 5) + std::string(2047, 'x')))
      << "16,383 bits";
  EXPECT_FALSE(rsa_of_ssh(start + std::string("\0\0\x08\x01\x7f", 5) + std::string(2048, 'x')))
      << "more than 16,384 bits";
}

TEST(RsaPublicKey, OnlyOneWholePemTextIsRead) {
  const std::string pem(kSshKeyPem);
  EXPECT_TRUE(rsa_of_pem("\n  " + pem + "\r\n").has_value());
  EXPECT_FALSE(rsa_of_pem("").has_value());
  EXPECT_FALSE(rsa_of_pem(" \n").has_value());
  EXPECT_FALSE(rsa_of_pem("x" + pem).has_value());
  EXPECT_FALSE(rsa_of_pem(pem + "x").has_value());
  EXPECT_FALSE(rsa_of_pem(pem + pem).has_value());
  EXPECT_FALSE(rsa_of_pem(pem.substr(0, 100) + pem.substr(110)).has_value());
  EXPECT_FALSE(rsa_of_pem("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----").has_value());
  // An Ed25519 key (openssl pkey -pubout).
  EXPECT_FALSE(rsa_of_pem("-----BEGIN PUBLIC KEY-----\n"
                          "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                          "-----END PUBLIC KEY-----\n")
                   .has_value());
}

}  // namespace
}  // namespace signet::crypto
