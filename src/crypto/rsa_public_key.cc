#include "crypto/rsa_public_key.h"

#include <bit>
#include <cstdint>
#include <memory>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "base/assertion.h"
#include "base/strings.h"
#include "crypto/openssl_ptr.h"

namespace signet::crypto {
namespace {

constexpr std::string_view kSshKind = "ssh-rsa";
constexpr std::size_t kMaxModulusBits = 16'384;

using Bio = std::unique_ptr<BIO, Freer<&BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<&EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<&EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<&BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freer<&OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freer<&OSSL_PARAM_free>>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// RFC 4251 5: a length of four bytes, and the bytes.
std::optional<std::string_view> take_string(std::string_view& rest) {
  if (rest.size() < 4) {
    return std::nullopt;
  }
  std::size_t size = 0;
  for (const char c : rest.substr(0, 4)) {
    size = (size << 8) | static_cast<std::uint8_t>(c);
  }
  rest.remove_prefix(4);
  if (size > rest.size()) {
    return std::nullopt;
  }
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

// A positive mpint in its shortest form, without the zero that keeps it positive.
std::optional<std::string> take_number(std::string_view& rest) {
  const auto text = take_string(rest);
  if (!text || text->empty()) {
    return std::nullopt;
  }
  const bool is_negative = (static_cast<std::uint8_t>(text->front()) & 0x80) != 0;
  const bool has_zero = text->front() == '\0';
  if (is_negative || (has_zero && (text->size() == 1 || ((*text)[1] & '\x80') == 0))) {
    return std::nullopt;
  }
  return std::string(text->substr(has_zero ? 1 : 0));
}

void append_string(std::string& out, std::string_view text) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>((text.size() >> shift) & 0xFF);
  }
  out += text;
}

void append_number(std::string& out, std::string_view number) {
  const bool needs_zero = (static_cast<std::uint8_t>(number.front()) & 0x80) != 0;
  append_string(out, needs_zero ? concat(std::string_view("\0", 1), number) : std::string(number));
}

std::optional<std::string> number_in(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) {
    return std::nullopt;
  }
  const Number number(raw);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

Key evp_of(const RsaPublicKey& key) {
  const Number n(BN_bin2bn(bytes_of(key.modulus), static_cast<int>(key.modulus.size()), nullptr));
  const Number e(BN_bin2bn(bytes_of(key.exponent), static_cast<int>(key.exponent.size()), nullptr));
  const Builder builder(OSSL_PARAM_BLD_new());
  SIGNET_ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
  SIGNET_ASSERT(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  SIGNET_ASSERT(EVP_PKEY_fromdata_init(context.get()) == 1);
  SIGNET_ASSERT(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) == 1);
  return Key(made);
}

}  // namespace

std::size_t RsaPublicKey::bits() const {
  return modulus.empty() ? 0
                         : modulus.size() * 8 - static_cast<std::size_t>(std::countl_zero(
                                                    static_cast<std::uint8_t>(modulus.front())));
}

std::optional<RsaPublicKey> rsa_of_ssh(std::string_view blob) {
  if (take_string(blob) != kSshKind) {
    return std::nullopt;
  }
  auto exponent = take_number(blob);
  auto modulus = exponent ? take_number(blob) : std::nullopt;
  if (!modulus || !blob.empty()) {
    return std::nullopt;
  }
  RsaPublicKey key{.modulus = std::move(*modulus), .exponent = std::move(*exponent)};
  return key.bits() <= kMaxModulusBits && key.exponent.size() <= key.modulus.size()
             ? std::optional(std::move(key))
             : std::nullopt;
}

std::string ssh_of(const RsaPublicKey& key) {
  std::string out;
  append_string(out, kSshKind);
  append_number(out, key.exponent);
  append_number(out, key.modulus);
  return out;
}

std::optional<RsaPublicKey> rsa_of_pem(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
  constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";
  text = trimmed(text, kWhiteSpace);
  if (!text.starts_with(kBegin) || !text.ends_with(kEnd) ||
      text.find(kBegin, 1) != std::string_view::npos) {
    return std::nullopt;
  }
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  // An encrypted text is not decrypted, and nobody is asked for its password.
  const auto no_password = [](char*, int, int, void*) {
    return -1;
  };
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return std::nullopt;
  }
  auto modulus = number_in(key.get(), OSSL_PKEY_PARAM_RSA_N);
  auto exponent = number_in(key.get(), OSSL_PKEY_PARAM_RSA_E);
  if (!modulus || !exponent || modulus->empty() || exponent->empty()) {
    return std::nullopt;
  }
  RsaPublicKey read{.modulus = std::move(*modulus), .exponent = std::move(*exponent)};
  return read.bits() <= kMaxModulusBits ? std::optional(std::move(read)) : std::nullopt;
}

std::string pem_of(const RsaPublicKey& key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  SIGNET_ASSERT(PEM_write_bio_PUBKEY(bio.get(), evp_of(key).get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace signet::crypto
