#include "crypto/sign_key.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/assertion.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "crypto/openssl_names.h"
#include "crypto/openssl_ptr.h"

namespace signet::crypto {
namespace {

constexpr std::size_t kRsaBits = 2'048;

using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<&EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<&BN_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freer<&ECDSA_SIG_free>>;
using PrivateKeyInfo = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<&PKCS8_PRIV_KEY_INFO_free>>;

// Big-endian; without leading zeros, or of `size` bytes if that is given.
std::string text_of(const BIGNUM* number, std::size_t size = 0) {
  const auto needed = static_cast<std::size_t>(BN_num_bytes(number));
  std::string text(size != 0 ? size : needed, '\0');
  SIGNET_ASSERT(needed <= text.size());
  auto* out = reinterpret_cast<unsigned char*>(text.data());
  SIGNET_ASSERT(BN_bn2binpad(number, out, static_cast<int>(text.size())) >= 0);
  return text;
}

// A number of a key; null if it has none of that name.
Number number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return Number(number);
}

std::optional<EcCurve> curve_of(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_utf8_string_param(
          key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(), &size) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  const std::string_view text(name.data(), size);
  const auto* const found = std::ranges::find(kCurves, text, &CurveRow::name);
  return found != kCurves.end() ? std::optional(static_cast<EcCurve>(found - kCurves.begin()))
                                : std::nullopt;
}

// The two numbers of a signature as OpenSSL writes it, `half` bytes each.
std::optional<std::string> halves_of(std::string_view der, std::size_t half) {
  const unsigned char* at = bytes_of(der);
  const EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (pair == nullptr) {
    return std::nullopt;
  }
  return concat(text_of(ECDSA_SIG_get0_r(pair.get()), half),
                text_of(ECDSA_SIG_get0_s(pair.get()), half));
}

}  // namespace

std::optional<SignKey> SignKey::of(evp_pkey_st* key) {
  if (key == nullptr) {
    ERR_clear_error();
    return std::nullopt;
  }
  SignKey made(std::shared_ptr<EVP_PKEY>(key, Freer<&EVP_PKEY_free>()));
  const std::optional<RsaPublicKey> rsa = made.rsa();
  const std::optional<EcPublicKey> ec = made.ec();
  const bool is_usable = rsa ? VerifyKey::of(*rsa).has_value() : ec && VerifyKey::of(*ec);
  return is_usable ? std::optional(std::move(made)) : std::nullopt;
}

std::optional<SignKey> SignKey::make_rsa() {
  return of(EVP_RSA_gen(kRsaBits));
}

std::optional<SignKey> SignKey::make_ec(EcCurve curve) {
  return of(EVP_EC_gen(row_of(curve).name));
}

std::optional<SignKey> SignKey::read(const Secret& der) {
  const std::string_view bytes = der.reveal(secret_access());
  const unsigned char* at = bytes_of(bytes);
  const PrivateKeyInfo info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(bytes.size())));
  if (info == nullptr || at != bytes_of(bytes) + bytes.size()) {
    ERR_clear_error();
    return std::nullopt;
  }
  return of(EVP_PKCS82PKEY(info.get()));
}

Secret SignKey::write() const {
  const PrivateKeyInfo info(EVP_PKEY2PKCS8(key_.get()));
  SIGNET_ASSERT(info != nullptr);
  unsigned char* out = nullptr;
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &out);
  SIGNET_ASSERT(size > 0);
  Secret der(std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)));
  OPENSSL_clear_free(out, static_cast<std::size_t>(size));
  return der;
}

std::optional<RsaPublicKey> SignKey::rsa() const {
  if (EVP_PKEY_get_base_id(key_.get()) != EVP_PKEY_RSA) {
    return std::nullopt;
  }
  const Number n = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N);
  const Number e = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E);
  if (n == nullptr || e == nullptr) {
    return std::nullopt;
  }
  return RsaPublicKey{.modulus = text_of(n.get()), .exponent = text_of(e.get())};
}

std::optional<EcPublicKey> SignKey::ec() const {
  const std::optional<EcCurve> curve =
      EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC ? curve_of(key_.get()) : std::nullopt;
  if (!curve) {
    return std::nullopt;
  }
  const Number x = number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X);
  const Number y = number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
  if (x == nullptr || y == nullptr) {
    return std::nullopt;
  }
  const std::size_t size = coordinate_size(*curve);
  return EcPublicKey{.curve = *curve, .x = text_of(x.get(), size), .y = text_of(y.get(), size)};
}

std::optional<std::string> SignKey::sign(Digest digest, std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  const bool is_ready =
      context != nullptr &&
      EVP_DigestSignInit_ex(
          context.get(), nullptr, name_of(digest), nullptr, nullptr, key_.get(), nullptr) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes_of(message), message.size()) == 1;
  if (!is_ready) {
    ERR_clear_error();
    return std::nullopt;
  }
  std::string signature(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (EVP_DigestSign(context.get(), out, &size, bytes_of(message), message.size()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  signature.resize(size);
  const std::optional<EcPublicKey> public_half = ec();
  return public_half ? halves_of(signature, coordinate_size(public_half->curve))
                     : std::optional(std::move(signature));
}

}  // namespace signet::crypto
