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
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/assertion.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/openssl_names.h"
#include "crypto/openssl_ptr.h"

namespace signet::crypto {
namespace {

constexpr std::size_t kRsaBits = 2'048;

using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<&EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<&BN_free>>;
using SecretNumber = std::unique_ptr<BIGNUM, Freer<&BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, Freer<&EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freer<&EC_POINT_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freer<&OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freer<&OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<&EVP_PKEY_CTX_free>>;
using PrivateKeyInfo = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<&PKCS8_PRIV_KEY_INFO_free>>;

struct OpensslFree {
  void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};

using Bytes = std::unique_ptr<unsigned char, OpensslFree>;

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

}  // namespace

std::optional<SignKey> SignKey::of(evp_pkey_st* key) {
  if (key == nullptr) {
    ERR_clear_error();
    return std::nullopt;
  }
  const bool is_ec = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
  SignKey made(std::shared_ptr<EVP_PKEY>(key, Freer<&EVP_PKEY_free>()),
               is_ec ? curve_of(key) : std::nullopt);
  return made.verify_key() ? std::optional(std::move(made)) : std::nullopt;
}

std::optional<SignKey> SignKey::make_rsa() {
  return of(EVP_RSA_gen(kRsaBits));
}

std::optional<SignKey> SignKey::make_ec(EcCurve curve) {
  return of(EVP_EC_gen(row_of(curve).name));
}

std::optional<SignKey> SignKey::of_scalar(EcCurve curve, const Secret& scalar) {
  const std::string_view bytes = scalar.reveal(secret_access());
  if (bytes.size() != coordinate_size(curve)) {
    return std::nullopt;
  }
  const Group group(EC_GROUP_new_by_curve_name(OBJ_txt2nid(row_of(curve).name)));
  const SecretNumber number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
  SIGNET_ASSERT(group != nullptr && number != nullptr);
  if (BN_is_zero(number.get()) != 0 ||
      BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0) {
    return std::nullopt;
  }
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  const Point point(EC_POINT_new(group.get()));
  unsigned char* encoded = nullptr;
  SIGNET_ASSERT(EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) ==
                1);
  const std::size_t size = EC_POINT_point2buf(
      group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, &encoded, nullptr);
  const Bytes owned(encoded);
  const Builder builder(OSSL_PARAM_BLD_new());
  SIGNET_ASSERT(OSSL_PARAM_BLD_push_utf8_string(
                    builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, row_of(curve).name, 0) == 1);
  SIGNET_ASSERT(
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded, size) == 1);
  SIGNET_ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) == 1);
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* made = nullptr;
  SIGNET_ASSERT(params != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
  SIGNET_ASSERT(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, params.get()) == 1);
  return of(made);
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

std::optional<VerifyKey> SignKey::verify_key() const {
  if (const std::optional<RsaPublicKey> half = rsa()) {
    return VerifyKey::of(*half);
  }
  const std::optional<EcPublicKey> half = ec();
  return half ? VerifyKey::of(*half) : std::nullopt;
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
  if (!curve_) {
    return std::nullopt;
  }
  const Number x = number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X);
  const Number y = number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
  if (x == nullptr || y == nullptr) {
    return std::nullopt;
  }
  const std::size_t size = coordinate_size(*curve_);
  return EcPublicKey{.curve = *curve_, .x = text_of(x.get(), size), .y = text_of(y.get(), size)};
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
  return curve_ ? ecdsa_from_der(signature, coordinate_size(*curve_))
                : std::optional(std::move(signature));
}

}  // namespace signet::crypto
