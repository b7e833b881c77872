#include "crypto/authority.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/strings.h"
#include "crypto/openssl_ptr.h"

namespace signet::crypto {
namespace {

using X509Ptr = std::unique_ptr<X509, Freer<&X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<&EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<&BIO_free>>;

constexpr int kSecondsOfDay = 86'400;

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  return bio != nullptr && PEM_write_bio_X509(bio.get(), certificate) == 1 ? text_of(bio.get())
                                                                           : std::string();
}

std::string pem_of(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  return bio != nullptr && PEM_write_bio_PrivateKey(
                               bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1
             ? text_of(bio.get())
             : std::string();
}

bool set_serial(X509* certificate) {
  constexpr int kBits = 127;
  const std::unique_ptr<BIGNUM, Freer<&BN_free>> number(BN_new());
  return number != nullptr &&
         BN_rand(number.get(), kBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_name(X509* certificate, std::string_view name) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate),
                                    "CN",
                                    MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()),
                                    -1,
                                    0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freer<&X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// All but extensions and signature.
X509Ptr begin_certificate(std::string_view name, int days, EVP_PKEY* key) {
  X509Ptr certificate(X509_new());
  constexpr int kVersion3 = 2;
  if (certificate == nullptr || X509_set_version(certificate.get(), kVersion3) != 1 ||
      !set_serial(certificate.get()) || !set_name(certificate.get(), name) ||
      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kSecondsOfDay) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kSecondsOfDay * days) == nullptr ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return nullptr;
  }
  return certificate;
}

bool is_host_name(std::string_view host) {
  constexpr std::size_t kLongest = 253;
  return !host.empty() && host.size() <= kLongest && std::ranges::all_of(host, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

// A common name has at most 64 characters.
std::string_view common_name(std::string_view host) {
  constexpr std::size_t kLongest = 64;
  return host.size() <= kLongest ? host : std::string_view("host");
}

}  // namespace

std::optional<Authority> Authority::make(std::string_view name, int days) {
  ERR_clear_error();
  Authority made;
  made.days_ = days;
  KeyPtr key(EVP_EC_gen("P-256"));
  X509Ptr certificate = key != nullptr ? begin_certificate(name, days, key.get()) : nullptr;
  if (certificate == nullptr ||
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get())) != 1 ||
      !add_extension(
          certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE") ||
      !add_extension(
          certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash") ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  made.pem_ = pem_of(certificate.get());
  made.der_.resize(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
  auto* out = reinterpret_cast<unsigned char*>(made.der_.data());
  i2d_X509(certificate.get(), &out);
  made.certificate_ = std::move(certificate);
  made.key_ = std::move(key);
  return made;
}

std::optional<IssuedCertificate> Authority::issue(std::string_view host) const {
  if (!is_host_name(host)) {
    return std::nullopt;
  }
  ERR_clear_error();
  const KeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate =
      key != nullptr ? begin_certificate(common_name(host), days_, key.get()) : nullptr;
  const auto add = [&](int id, const std::string& value) {
    return add_extension(certificate.get(), certificate_.get(), id, value);
  };
  if (certificate == nullptr ||
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get())) != 1 ||
      !add(NID_basic_constraints, "critical,CA:FALSE") ||
      !add(NID_key_usage, "critical,digitalSignature") || !add(NID_ext_key_usage, "serverAuth") ||
      !add(NID_subject_key_identifier, "hash") || !add(NID_authority_key_identifier, "keyid") ||
      !add(NID_subject_alt_name, concat("DNS:", host)) ||
      X509_sign(certificate.get(), key_.get(), EVP_sha256()) == 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  return IssuedCertificate{.certificate = pem_of(certificate.get()), .key = pem_of(key.get())};
}

}  // namespace signet::crypto
