#include "crypto/sha256.h"

#include <cstring>
#include <new>

#include <openssl/sha.h>

#include "crypto/hex_pairs.h"

namespace signet::crypto {
namespace {

static_assert(sizeof(SHA256_CTX) == 112);
static_assert(alignof(SHA256_CTX) <= 8);

SHA256_CTX* context(std::array<std::byte, 112>& state) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}

}  // namespace

Sha256::Sha256() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): made in place, trivially destroyed
  SHA256_Init(new (state_.data()) SHA256_CTX);
}

void Sha256::update(std::string_view bytes) {
  SHA256_Update(context(state_), bytes.data(), bytes.size());
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  SHA256_Final(digest.data(), context(state_));
  return digest;
}

Sha256Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

void write_hex(const Sha256Digest& digest, char* out) {
  for (const std::uint8_t byte : digest) {
    std::memcpy(out, kHexPairs[byte].data(), 2);
    out += 2;
  }
}

std::string sha256_hex(std::string_view bytes) {
  std::string text(64, '\0');
  write_hex(sha256(bytes), text.data());
  return text;
}

}  // namespace signet::crypto
