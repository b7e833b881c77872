#include "crypto/verify_key.h"

#include <array>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "base/assertion.h"
#include "base/strings.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/openssl_names.h"
#include "crypto/openssl_ptr.h"

namespace signet::crypto {
namespace {

constexpr std::size_t kMinModulusBits = 2'048;
constexpr std::size_t kMaxModulusBits = 8'192;
constexpr std::size_t kMaxExponentBytes = 8;

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<&EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<&EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<&BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freer<&OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freer<&OSSL_PARAM_free>>;

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

// A public key of that kind; null for one that OpenSSL does not take. What it then says of it is
// dropped.
std::shared_ptr<EVP_PKEY> make_key(const char* kind, const Builder& builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* made = nullptr;
  SIGNET_ASSERT(params != nullptr && context != nullptr);
  SIGNET_ASSERT(EVP_PKEY_fromdata_init(context.get()) == 1);
  if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return {made, Freer<&EVP_PKEY_free>()};
}

bool is_sound(const RsaPublicKey& key) {
  return key.bits() >= kMinModulusBits && key.bits() <= kMaxModulusBits &&
         (key.modulus.back() & 1) == 1 && !key.exponent.empty() &&
         key.exponent.size() <= kMaxExponentBytes && (key.exponent.back() & 1) == 1 &&
         key.exponent != "\x01";
}

}  // namespace

std::size_t coordinate_size(EcCurve curve) {
  return row_of(curve).size;
}

std::optional<VerifyKey> VerifyKey::of(const RsaPublicKey& key) {
  if (!is_sound(key)) {
    return std::nullopt;
  }
  const Number n = number_of(key.modulus);
  const Number e = number_of(key.exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  SIGNET_ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
  SIGNET_ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  std::shared_ptr<EVP_PKEY> made = make_key("RSA", builder);
  return made ? std::optional(VerifyKey(std::move(made), std::nullopt)) : std::nullopt;
}

std::optional<VerifyKey> VerifyKey::of(const EcPublicKey& key) {
  const CurveRow& row = row_of(key.curve);
  if (key.x.size() != row.size || key.y.size() != row.size) {
    return std::nullopt;
  }
  const std::string point = concat("\x04", key.x, key.y);  // SEC 1 2.3.3, not compressed
  const Builder builder(OSSL_PARAM_BLD_new());
  SIGNET_ASSERT(
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, row.name, 0) == 1);
  SIGNET_ASSERT(OSSL_PARAM_BLD_push_octet_string(
                    builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1);
  std::shared_ptr<EVP_PKEY> made = make_key("EC", builder);
  return made ? std::optional(VerifyKey(std::move(made), key.curve)) : std::nullopt;
}

bool VerifyKey::verify(Digest digest, std::string_view message, std::string_view signature) const {
  std::optional<std::string> der;
  if (curve_) {
    der = ecdsa_to_der(signature, coordinate_size(*curve_));
    if (!der) {
      return false;
    }
    signature = *der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  SIGNET_ASSERT(
      EVP_DigestVerifyInit_ex(
          context.get(), &settings, name_of(digest), nullptr, nullptr, key_.get(), nullptr) == 1);
  SIGNET_ASSERT(curve_ || EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PADDING) == 1);
  const bool is_good = EVP_DigestVerify(context.get(),
                                        bytes_of(signature),
                                        signature.size(),
                                        bytes_of(message),
                                        message.size()) == 1;
  ERR_clear_error();
  return is_good;
}

}  // namespace signet::crypto
