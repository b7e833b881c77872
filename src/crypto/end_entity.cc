#include "crypto/end_entity.h"

#include <array>
#include <memory>
#include <utility>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/assertion.h"
#include "base/strings.h"
#include "crypto/openssl_ptr.h"

namespace signet::crypto {
namespace {

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr int kSecurityLevel = 2;  // 112 bits (SSL_CTX_set_security_level(3))
constexpr int kDepthMax = 8;

using Bio = std::unique_ptr<BIO, Freer<&BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<&BN_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<&X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Freer<&X509_CRL_free>>;
using Store = std::unique_ptr<X509_STORE, Freer<&X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Freer<&X509_STORE_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freer<&EVP_MD_CTX_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<&GENERAL_NAMES_free>>;
using Constraints = std::unique_ptr<BASIC_CONSTRAINTS, Freer<&BASIC_CONSTRAINTS_free>>;

struct FreeAll {
  void operator()(STACK_OF(X509) * certificates) const {
    sk_X509_pop_free(certificates, X509_free);
  }
};

using Stack = std::unique_ptr<STACK_OF(X509), FreeAll>;

// What is refused leaves its reasons in the thread's queue.
struct ErrorQueue {
  ErrorQueue() = default;
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
  ErrorQueue(ErrorQueue&&) = delete;
  ErrorQueue& operator=(ErrorQueue&&) = delete;

  ~ErrorQueue() { ERR_clear_error(); }
};

X509Ptr parse(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* const end = at + der.size();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  return certificate != nullptr && at == end ? std::move(certificate) : nullptr;
}

// Types that have a short name in RFC 4514 3.
struct ShortName {
  int nid;
  std::string_view name;
};

constexpr std::array kShortNames = {ShortName{NID_commonName, "CN"},
                                    ShortName{NID_localityName, "L"},
                                    ShortName{NID_stateOrProvinceName, "ST"},
                                    ShortName{NID_organizationName, "O"},
                                    ShortName{NID_organizationalUnitName, "OU"},
                                    ShortName{NID_countryName, "C"},
                                    ShortName{NID_streetAddress, "STREET"},
                                    ShortName{NID_domainComponent, "DC"},
                                    ShortName{NID_userId, "UID"}};

std::string type_of(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  for (const ShortName& known : kShortNames) {
    if (known.nid == nid) {
      return std::string(known.name);
    }
  }
  std::array<char, 128> text{};
  const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  return size > 0 && static_cast<std::size_t>(size) < text.size() ? std::string(text.data())
                                                                  : std::string();
}

std::optional<std::vector<NamePart>> parts_of(const X509_NAME* name) {
  std::vector<NamePart> parts;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) {
      return std::nullopt;
    }
    std::string value(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    std::string type = type_of(X509_NAME_ENTRY_get_object(entry));
    if (type.empty() || value.find('\0') != std::string::npos || !is_utf8(value)) {
      return std::nullopt;
    }
    parts.push_back({.type = std::move(type), .value = std::move(value)});
  }
  return parts;
}

std::string text_of(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  constexpr unsigned long kFlags =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (X509_NAME_print_ex(bio.get(), name, 0, kFlags) < 0) {
    return {};
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

bool read_serial(const X509* certificate, EndEntity& read) {
  const Number number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (number == nullptr || BN_is_negative(number.get()) == 1) {
    return false;
  }
  char* decimal = BN_bn2dec(number.get());
  char* hex = BN_bn2hex(number.get());
  SIGNET_ASSERT(decimal != nullptr && hex != nullptr);
  read.serial = decimal;
  read.serial_hex = to_lower(std::string_view(hex));
  OPENSSL_free(decimal);
  OPENSSL_free(hex);
  return true;
}

std::optional<std::string> ascii_of(const ASN1_IA5STRING* text) {
  const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
  std::string value(data, static_cast<std::size_t>(ASN1_STRING_length(text)));
  const bool is_plain = value.find('\0') == std::string::npos && is_utf8(value);
  return is_plain ? std::optional(std::move(value)) : std::nullopt;
}

// False where a name cannot be read.
bool read_alternative_names(X509* certificate, EndEntity& read) {
  int place = -1;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &place, nullptr)));
  if (names == nullptr) {
    return place == -1;  // there are none; otherwise malformed, or said twice
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DIRNAME && read.directory_name.empty()) {
      auto parts = parts_of(name->d.directoryName);
      if (!parts) {
        return false;
      }
      read.directory_name = *std::move(parts);
    } else if (name->type == GEN_DNS || name->type == GEN_URI) {
      auto text = ascii_of(name->d.ia5);
      if (!text) {
        return false;
      }
      (name->type == GEN_DNS ? read.dns_names : read.uris).push_back(*std::move(text));
    }
  }
  return true;
}

// What the extension says; nothing if it is not there, malformed or there twice.
std::optional<bool> says_authority(X509* certificate) {
  const Constraints constraints(static_cast<BASIC_CONSTRAINTS*>(
      X509_get_ext_d2i(certificate, NID_basic_constraints, nullptr, nullptr)));
  return constraints == nullptr ? std::nullopt : std::optional(constraints->ca != 0);
}

bool has_usage(X509* certificate, unsigned int usage) {
  const bool is_said = (X509_get_extension_flags(certificate) & EXFLAG_KUSAGE) != 0;
  return is_said && (X509_get_key_usage(certificate) & usage) != 0;
}

bool is_of_version_3(const X509* certificate) {
  constexpr long kVersion3 = 2;
  return X509_get_version(certificate) == kVersion3;
}

CrlPtr list_of(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN X509 CRL-----";
  constexpr std::string_view kEnd = "-----END X509 CRL-----";
  const std::string_view text = trimmed(pem, kWhiteSpace);
  if (!text.starts_with(kBegin) || text.find(kEnd) != text.size() - kEnd.size()) {
    return nullptr;
  }
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return CrlPtr(PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
}

Trust trust_of(int error) {
  const bool is_of_time =
      error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
  return is_of_time ? Trust::OutOfTime : Trust::Untrusted;
}

// The first thing in the path that a list tells against.
std::optional<TrustAnswer> find_revoked(STACK_OF(X509) * path, std::span<const CrlPtr> lists) {
  for (int i = 0; i + 1 < sk_X509_num(path); ++i) {
    X509* const subject = sk_X509_value(path, i);
    X509* const issuer = sk_X509_value(path, i + 1);
    for (const CrlPtr& list : lists) {
      if (X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_issuer_name(subject)) != 0) {
        continue;
      }
      if (X509_CRL_verify(list.get(), X509_get0_pubkey(issuer)) != 1) {
        return TrustAnswer{.trust = Trust::Untrusted,
                           .reason = "a revocation list of an issuer's name is not signed by it"};
      }
      X509_REVOKED* entry = nullptr;
      if (X509_CRL_get0_by_cert(list.get(), &entry, subject) == 1) {
        return TrustAnswer{.trust = Trust::Revoked, .reason = "a revocation list has it"};
      }
    }
  }
  return std::nullopt;
}

TrustAnswer verified(X509_STORE_CTX* context, std::span<const CrlPtr> lists) {
  if (X509_verify_cert(context) != 1) {
    const int error = X509_STORE_CTX_get_error(context);
    return {.trust = trust_of(error), .reason = X509_verify_cert_error_string(error)};
  }
  return find_revoked(X509_STORE_CTX_get0_chain(context), lists)
      .value_or(TrustAnswer{.trust = Trust::Trusted, .reason = {}});
}

bool is_key_for(SignatureScheme scheme, const EVP_PKEY* key) {
  if (scheme == SignatureScheme::RsaPkcs1) {
    const int bits = EVP_PKEY_get_bits(key);
    return EVP_PKEY_is_a(key, "RSA") == 1 && bits >= kRsaBitsMin && bits <= kRsaBitsMax;
  }
  int is_explicit = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_int_param(
             key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) == 1 &&
         is_explicit == 0;
}

}  // namespace

std::optional<EndEntity> read_end_entity(std::string_view der) {
  const ErrorQueue errors;
  const X509Ptr certificate = parse(der);
  if (certificate == nullptr) {
    return std::nullopt;
  }
  EndEntity read;
  auto subject = parts_of(X509_get_subject_name(certificate.get()));
  auto issuer = parts_of(X509_get_issuer_name(certificate.get()));
  if (!subject || !issuer || !read_serial(certificate.get(), read) ||
      !read_alternative_names(certificate.get(), read)) {
    return std::nullopt;
  }
  read.subject = text_of(X509_get_subject_name(certificate.get()));
  read.issuer = text_of(X509_get_issuer_name(certificate.get()));
  read.subject_parts = *std::move(subject);
  read.issuer_parts = *std::move(issuer);
  read.may_authenticate = is_of_version_3(certificate.get()) &&
                          says_authority(certificate.get()) == false &&
                          has_usage(certificate.get(), KU_DIGITAL_SIGNATURE);
  return read;
}

std::string pem_of_certificate(std::string_view der) {
  const Bio bio(BIO_new(BIO_s_mem()));
  SIGNET_ASSERT(PEM_write_bio(bio.get(),
                              PEM_STRING_X509,
                              "",
                              reinterpret_cast<const unsigned char*>(der.data()),
                              static_cast<long>(der.size())) > 0);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

bool is_authority(const Certificate& certificate) {
  const ErrorQueue errors;
  const X509Ptr parsed = parse(certificate.der);
  return parsed != nullptr && is_of_version_3(parsed.get()) &&
         says_authority(parsed.get()) == true && has_usage(parsed.get(), KU_KEY_CERT_SIGN);
}

bool is_revocation_list(std::string_view pem) {
  const ErrorQueue errors;
  return list_of(pem) != nullptr;
}

TrustAnswer judge_path(const TrustQuestion& question) {
  const ErrorQueue errors;
  const X509Ptr leaf = parse(question.leaf);
  const Stack chain(sk_X509_new_null());
  const Store store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  SIGNET_ASSERT(chain != nullptr && store != nullptr && context != nullptr);
  if (leaf == nullptr) {
    return {.trust = Trust::Untrusted, .reason = "the certificate cannot be read"};
  }
  for (const std::string& der : question.chain) {
    X509Ptr between = parse(der);
    if (between == nullptr) {
      return {.trust = Trust::Untrusted, .reason = "a certificate of the chain cannot be read"};
    }
    SIGNET_ASSERT(sk_X509_push(chain.get(), between.release()) > 0);
  }
  for (const Certificate& anchor : question.anchors) {
    const X509Ptr trusted = parse(anchor.der);
    if (trusted == nullptr || X509_STORE_add_cert(store.get(), trusted.get()) != 1) {
      return {.trust = Trust::Untrusted, .reason = "a trust anchor cannot be read"};
    }
  }
  std::vector<CrlPtr> lists;
  for (const std::string& pem : question.revocation_lists) {
    lists.push_back(list_of(pem));
    if (lists.back() == nullptr) {
      return {.trust = Trust::Untrusted, .reason = "a revocation list cannot be read"};
    }
  }
  SIGNET_ASSERT(X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), chain.get()) == 1);
  X509_VERIFY_PARAM* const settings = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(settings, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_time(settings, question.now.seconds());
  X509_VERIFY_PARAM_set_depth(settings, kDepthMax);
  X509_VERIFY_PARAM_set_auth_level(settings, kSecurityLevel);
  return verified(context.get(), lists);
}

bool verify_with_certificate(std::string_view der,
                             SignatureScheme scheme,
                             std::string_view message,
                             std::string_view signature) {
  const ErrorQueue errors;
  const X509Ptr certificate = parse(der);
  EVP_PKEY* const key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate.get());
  if (key == nullptr || !is_key_for(scheme, key)) {
    return false;
  }
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* settings = nullptr;
  SIGNET_ASSERT(digest != nullptr);
  if (EVP_DigestVerifyInit(digest.get(), &settings, EVP_sha256(), nullptr, key) != 1) {
    return false;
  }
  SIGNET_ASSERT(scheme != SignatureScheme::RsaPkcs1 ||
                EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PADDING) == 1);
  return EVP_DigestVerify(digest.get(),
                          reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(),
                          reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

}  // namespace signet::crypto
