#include "token/opaque.h"

#include "base/secret_access.h"
#include "base/strings.h"
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

std::string exchange_token_text(std::string_view request_id, const OpaqueToken& token) {
  return concat(request_id, ".", token.text.reveal(secret_access()));
}

std::optional<ExchangeToken> read_exchange_token(const Secret& presented) {
  const std::string_view text = presented.reveal(secret_access());
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot == 0) {
    return std::nullopt;
  }
  std::optional<std::string> hash = opaque_token_hash(text.substr(dot + 1));
  if (!hash) {
    return std::nullopt;
  }
  return ExchangeToken{.request_id = std::string(text.substr(0, dot)), .hash = *std::move(hash)};
}

std::optional<std::string> opaque_token_hash(std::string_view text) {
  if (text.size() != kTokenCharacters || !codec::decode_base64url(text)) {
    return std::nullopt;
  }
  return hash_of(text);
}

}  // namespace signet::token
