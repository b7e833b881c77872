#include "crypto/certificate_key.h"

#include <algorithm>
#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/secret_access.h"
#include "crypto/openssl_ptr.h"

namespace signet::crypto {
namespace {

using Bio = std::unique_ptr<BIO, Freer<&BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<&X509_free>>;

constexpr std::size_t kMaxCertificate = 64 * 1024;

CertificateKey::Kind kind_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    return CertificateKey::Kind::Rsa;
  }
  return EVP_PKEY_is_a(key, "EC") == 1 ? CertificateKey::Kind::Elliptic
                                       : CertificateKey::Kind::Other;
}

}  // namespace

std::optional<CertificateKey> key_of_certificate(std::string_view der) {
  if (der.empty() || der.size() > kMaxCertificate) {
    return std::nullopt;
  }
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = at + der.size();
  const Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  const EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate.get());
  if (key == nullptr || at != end) {
    return std::nullopt;
  }
  unsigned char* raw = nullptr;
  const int size = i2d_PUBKEY(key, &raw);
  if (size <= 0) {
    return std::nullopt;
  }
  CertificateKey out{
      .kind = kind_of(key),
      .bits = static_cast<std::size_t>(EVP_PKEY_get_bits(key)),
      .der = std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size))};
  OPENSSL_free(raw);
  return out;
}

std::optional<std::size_t> rsa_private_key_bits(const Secret& pem) {
  constexpr std::string_view kSpace = " \t\r\n";
  std::string_view text = pem.reveal(secret_access());
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  const bool is_alone = text.starts_with("-----BEGIN ") && text.ends_with("-----") &&
                        text.find("-----BEGIN ", 1) == std::string_view::npos;
  if (!is_alone) {
    return std::nullopt;
  }
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  // An encrypted text is not decrypted, and nobody is asked for its password.
  const auto no_password = [](char*, int, int, void*) {
    return -1;
  };
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(EVP_PKEY_get_bits(key.get()));
}

}  // namespace signet::crypto
