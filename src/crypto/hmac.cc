#include "crypto/hmac.h"

#include <cstring>

#include <openssl/sha.h>

namespace signet::crypto {
namespace {

constexpr std::size_t kBlockSize = 64;  // of SHA-1 and SHA-256 alike
constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;

using Block = std::array<std::uint8_t, kBlockSize>;

// The key padded with zeros to one block, xored with `pad`.
Block padded(std::string_view key, std::uint8_t pad) {
  Block block{};
  std::memcpy(block.data(), key.data(), key.size());
  for (std::uint8_t& byte : block) {
    byte = static_cast<std::uint8_t>(byte ^ pad);
  }
  return block;
}

}  // namespace

HmacKey::HmacKey(std::string_view key) {
  Sha256Digest shortened{};
  if (key.size() > kBlockSize) {
    shortened = sha256(key);
    key = as_view(shortened);
  }
  Block block = padded(key, kInnerPad);
  inner_.update(as_view(block));
  block = padded(key, kOuterPad);
  outer_.update(as_view(block));
  explicit_bzero(block.data(), block.size());
  explicit_bzero(shortened.data(), shortened.size());
}

HmacKey::~HmacKey() {
  explicit_bzero(&inner_, sizeof inner_);
  explicit_bzero(&outer_, sizeof outer_);
}

Sha256Digest HmacKey::mac(std::string_view message) const {
  Sha256 hash = inner_;
  hash.update(message);
  const Sha256Digest inside = hash.finish();
  hash = outer_;
  hash.update(as_view(inside));
  return hash.finish();
}

Sha256Digest HmacKey::mac(std::initializer_list<std::string_view> pieces) const {
  Sha256 hash = inner_;
  for (const std::string_view piece : pieces) {
    hash.update(piece);
  }
  const Sha256Digest inside = hash.finish();
  hash = outer_;
  hash.update(as_view(inside));
  return hash.finish();
}

Sha256Digest HmacKey::derive(std::string_view label) const {
  return mac({label, std::string_view("\x01", 1)});
}

std::array<std::uint8_t, 20> hmac_sha1(std::string_view key, std::string_view message) {
  std::array<std::uint8_t, 20> digest{};
  SHA_CTX context;
  if (key.size() > kBlockSize) {
    SHA1_Init(&context);
    SHA1_Update(&context, key.data(), key.size());
    SHA1_Final(digest.data(), &context);
    key = as_view(digest);
  }
  Block inner = padded(key, kInnerPad);
  Block outer = padded(key, kOuterPad);
  SHA1_Init(&context);
  SHA1_Update(&context, inner.data(), inner.size());
  SHA1_Update(&context, message.data(), message.size());
  SHA1_Final(digest.data(), &context);
  SHA1_Init(&context);
  SHA1_Update(&context, outer.data(), outer.size());
  SHA1_Update(&context, digest.data(), digest.size());
  SHA1_Final(digest.data(), &context);
  explicit_bzero(inner.data(), inner.size());
  explicit_bzero(outer.data(), outer.size());
  explicit_bzero(&context, sizeof context);
  return digest;
}

}  // namespace signet::crypto
