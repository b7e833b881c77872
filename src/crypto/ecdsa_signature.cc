#include "crypto/ecdsa_signature.h"

#include <cstddef>
#include <memory>
#include <utility>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include "base/assertion.h"
#include "crypto/openssl_names.h"
#include "crypto/openssl_ptr.h"

namespace signet::crypto {
namespace {

using Number = std::unique_ptr<BIGNUM, Freer<&BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<&ECDSA_SIG_free>>;

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

bool append_number(std::string& out, const BIGNUM* number, std::size_t size) {
  const std::size_t at = out.size();
  out.resize(at + size);
  auto* place = reinterpret_cast<unsigned char*>(out.data()) + at;
  return BN_is_negative(number) == 0 && BN_bn2binpad(number, place, static_cast<int>(size)) >= 0;
}

}  // namespace

std::optional<std::string> ecdsa_to_der(std::string_view halves, std::size_t half) {
  if (halves.size() != 2 * half) {
    return std::nullopt;
  }
  Number r = number_of(halves.substr(0, half));
  Number s = number_of(halves.substr(half));
  const Signature pair(ECDSA_SIG_new());
  SIGNET_ASSERT(pair != nullptr && ECDSA_SIG_set0(pair.get(), r.get(), s.get()) == 1);
  static_cast<void>(r.release());  // owned by the pair now
  static_cast<void>(s.release());
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  SIGNET_ASSERT(i2d_ECDSA_SIG(pair.get(), &out) > 0);
  return der;
}

std::optional<std::string> ecdsa_from_der(std::string_view der, std::size_t half) {
  const unsigned char* at = bytes_of(der);
  const Signature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string halves;
  const bool is_whole = pair != nullptr && at == bytes_of(der) + der.size() &&
                        append_number(halves, ECDSA_SIG_get0_r(pair.get()), half) &&
                        append_number(halves, ECDSA_SIG_get0_s(pair.get()), half);
  ERR_clear_error();
  return is_whole ? std::optional(std::move(halves)) : std::nullopt;
}

}  // namespace signet::crypto
