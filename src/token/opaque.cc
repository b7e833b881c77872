#include "token/opaque.h"

#include "codec/base64.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

namespace signet::token {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenCharacters = 43;

std::string hash_of(std::string_view text) {
  const crypto::Sha256Digest digest = crypto::sha256(text);
  return std::string(crypto::as_view(digest));
}

}  // namespace

OpaqueToken make_opaque_token(Random& random) {
  std::string text = codec::encode_base64url(crypto::random_bytes(random, kTokenBytes));
  std::string hash = hash_of(text);
  return OpaqueToken{.text = Secret(std::move(text)), .hash = std::move(hash)};
}

std::optional<std::string> opaque_token_hash(std::string_view text) {
  if (text.size() != kTokenCharacters || !codec::decode_base64url(text)) {
    return std::nullopt;
  }
  return hash_of(text);
}

}  // namespace signet::token
