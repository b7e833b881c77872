#include "jose/issue.h"

#include "base/assertion.h"
#include "base/strings.h"
#include "codec/base64.h"

namespace signet::jose {
namespace {

crypto::Digest digest_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::Rs384:
    case Algorithm::Es384:
      return crypto::Digest::Sha384;
    case Algorithm::Rs512:
    case Algorithm::Es512:
      return crypto::Digest::Sha512;
    case Algorithm::Rs256:
    case Algorithm::Es256:
      break;
  }
  return crypto::Digest::Sha256;
}

std::string_view name_of(crypto::EcCurve curve) {
  switch (curve) {
    case crypto::EcCurve::P384:
      return "P-384";
    case crypto::EcCurve::P521:
      return "P-521";
    case crypto::EcCurve::P256:
      break;
  }
  return "P-256";
}

std::string header_of(Algorithm algorithm, std::string_view key_id) {
  std::string header;
  codec::JsonWriter writer(header);
  writer.begin_object();
  writer.member("kid", key_id);
  writer.member("typ", "JWT");
  writer.member("alg", name_of(algorithm));
  writer.end_object();
  return header;
}

}  // namespace

std::optional<std::string> issue_token(Algorithm algorithm,
                                       std::string_view key_id,
                                       const crypto::SignKey& key,
                                       std::string_view payload) {
  std::string token = concat(
      codec::encode_base64url(header_of(algorithm, key_id)), ".", codec::encode_base64url(payload));
  const std::optional<std::string> signature = key.sign(digest_of(algorithm), token);
  if (!signature) {
    return std::nullopt;
  }
  token += '.';
  token += codec::encode_base64url(*signature);
  return token;
}

void append_jwk(codec::JsonWriter& writer,
                Algorithm algorithm,
                std::string_view key_id,
                const crypto::SignKey& key) {
  writer.begin_object();
  writer.member("alg", name_of(algorithm));
  writer.member("kid", key_id);
  writer.member("use", "sig");
  if (const auto rsa = key.rsa()) {
    writer.member("kty", "RSA");
    writer.member("n", codec::encode_base64url(rsa->modulus));
    writer.member("e", codec::encode_base64url(rsa->exponent));
  } else {
    const auto ec = key.ec();
    SIGNET_ASSERT(ec.has_value());  // a SignKey is one of the two
    writer.member("kty", "EC");
    writer.member("crv", name_of(ec->curve));
    writer.member("x", codec::encode_base64url(ec->x));
    writer.member("y", codec::encode_base64url(ec->y));
  }
  writer.end_object();
}

}  // namespace signet::jose
