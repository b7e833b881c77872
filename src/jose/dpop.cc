#include "jose/dpop.h"

#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "crypto/sha256.h"
#include "crypto/verify_key.h"
#include "jose/claims.h"
#include "jose/jws.h"

namespace signet::jose {
namespace {

using Failure = std::unexpected<std::string>;

// A coordinate of P-256 at its whole length.
std::optional<std::string> coordinate_at(const codec::Json& jwk, std::string_view name) {
  const std::size_t size = crypto::coordinate_size(crypto::EcCurve::P256);
  const std::optional<std::string> bytes = codec::decode_base64url(jwk.string_at(name));
  if (!bytes || bytes->empty() || bytes->size() > size) {
    return std::nullopt;
  }
  return std::string(size - bytes->size(), '\0') + *bytes;
}

}  // namespace

std::expected<DpopProof, std::string> read_dpop_proof(std::string_view text) {
  const auto jws = read_compact(text);
  if (!jws) {
    return Failure(jws.error());
  }
  const codec::Json& header = jws->header;
  const codec::Json* jwk = header.find("jwk");
  if (header.string_at("typ") != "dpop+jwt" || jws->algorithm != Algorithm::Es256 ||
      jwk == nullptr || jwk->string_at("kty") != "EC" || jwk->string_at("crv") != "P-256" ||
      jwk->find("d") != nullptr) {
    return Failure("the proof is not a dpop+jwt with ES256 and a public key of P-256");
  }
  const auto x = coordinate_at(*jwk, "x");
  const auto y = coordinate_at(*jwk, "y");
  const auto key = x && y ? crypto::VerifyKey::of(crypto::EcPublicKey{
                                .curve = crypto::EcCurve::P256, .x = *x, .y = *y})
                          : std::nullopt;
  if (!key || !key->verify(crypto::Digest::Sha256, jws->signing_input, jws->signature)) {
    return Failure("the proof is not signed by the key that it names");
  }
  const auto claims = Claims::read(jws->payload);
  if (!claims) {
    return Failure(claims.error());
  }
  const auto method = claims->text("htm");
  const auto url = claims->text("htu");
  const auto issued = claims->time("iat");
  if (!method || !url || !issued || !claims->text("jti")) {
    return Failure("the proof lacks htm, htu, iat or jti");
  }
  const std::string canonical = concat(R"({"crv":"P-256","kty":"EC","x":")",
                                       codec::encode_base64url(*x),
                                       R"(","y":")",
                                       codec::encode_base64url(*y),
                                       "\"}");
  const crypto::Sha256Digest digest = crypto::sha256(canonical);
  return DpopProof{.thumbprint = codec::encode_base64url(crypto::as_view(digest)),
                   .method = *method,
                   .url = *url,
                   .issued = *issued};
}

}  // namespace signet::jose
