#include "crypto/certificate.h"

#include <memory>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/assertion.h"
#include "base/secret_access.h"
#include "base/strings.h"
#include "crypto/openssl_ptr.h"

namespace signet::crypto {
namespace {

constexpr int kRsaBitsMax = 8192;

using Bio = std::unique_ptr<BIO, Freer<&BIO_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freer<&EVP_MD_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<&EVP_PKEY_free>>;
using Time = std::unique_ptr<ASN1_TIME, Freer<&ASN1_TIME_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<&X509_free>>;

// What a reader refuses leaves its reasons in the thread's queue, where the next user of OpenSSL
// would find them.
struct ErrorQueue {
  ErrorQueue() = default;
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
  ErrorQueue(ErrorQueue&&) = delete;
  ErrorQueue& operator=(ErrorQueue&&) = delete;

  ~ErrorQueue() { ERR_clear_error(); }
};

// Nobody is asked for a password: what is encrypted cannot be read.
int no_password(char*, int, int, void*) {
  return -1;
}

// Takes the block of that label which the text begins with, and the white space after it.
std::optional<std::string_view> take_block(std::string_view& rest, std::string_view label) {
  const std::string begin = concat("-----BEGIN ", label, "-----");
  const std::string end = concat("-----END ", label, "-----");
  const std::size_t at = rest.find(end);
  if (!rest.starts_with(begin) || at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view block = rest.substr(0, at + end.size());
  rest = trimmed(rest.substr(block.size()), kWhiteSpace);
  return block;
}

Bio bio_over(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  SIGNET_ASSERT(bio != nullptr);
  return bio;
}

// The bytes inside a block; nothing if it has headers, as encrypted ones do.
std::optional<std::string> bytes_of_block(std::string_view block) {
  const Bio bio = bio_over(block);
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  std::optional<std::string> bytes;
  if (PEM_read_bio(bio.get(), &name, &header, &data, &size) == 1 && *header == '\0') {
    bytes.emplace(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  }
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return bytes;
}

// A certificate of exactly these bytes, in their only form.
X509Ptr parse(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* const end = at + der.size();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != end ||
      i2d_X509(certificate.get(), nullptr) != static_cast<int>(der.size())) {
    return nullptr;
  }
  return certificate;
}

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  constexpr std::int64_t kSecondsADay = 86'400;
  const Time epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  if (epoch == nullptr || ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) {
    return std::nullopt;
  }
  return Instant::from_seconds(days * kSecondsADay + seconds);
}

std::optional<Certificate> certificate_of(std::string der) {
  const X509Ptr parsed = parse(der);
  if (parsed == nullptr || X509_get0_pubkey(parsed.get()) == nullptr) {
    return std::nullopt;
  }
  const auto from = instant_of(X509_get0_notBefore(parsed.get()));
  const auto until = instant_of(X509_get0_notAfter(parsed.get()));
  Certificate read{
      .der = std::move(der), .sha1 = {}, .not_before = Instant{}, .not_after = Instant{}};
  unsigned int size = 0;
  if (!from || !until || X509_digest(parsed.get(), EVP_sha1(), read.sha1.data(), &size) != 1 ||
      size != read.sha1.size()) {
    return std::nullopt;
  }
  read.not_before = *from;
  read.not_after = *until;
  return read;
}

bool is_on_named_curve(const EVP_PKEY* key) {
  std::array<char, 64> name;
  std::size_t size = 0;
  int is_explicit = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1 &&
         EVP_PKEY_get_int_param(
             key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) == 1 &&
         is_explicit == 0;
}

bool is_usable(const EVP_PKEY* key) {
  return (EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) <= kRsaBitsMax) ||
         is_on_named_curve(key);
}

Key private_key_of(std::string_view text) {
  for (const char* label : {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"}) {
    std::string_view rest = trimmed(text, kWhiteSpace);
    const auto block = take_block(rest, label);
    if (!block) {
      continue;
    }
    const Bio bio = bio_over(*block);
    Key key(rest.empty() ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)
                         : nullptr);
    return key != nullptr && is_usable(key.get()) ? std::move(key) : nullptr;
  }
  return nullptr;
}

// Comparing the public halves is not enough: the private one may be made up.
bool signs_for(EVP_PKEY* private_key, EVP_PKEY* public_key) {
  constexpr std::string_view kText = "is this your key?";
  const auto* text = reinterpret_cast<const unsigned char*>(kText.data());
  const Digest sign(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit(sign.get(), nullptr, EVP_sha256(), nullptr, private_key) != 1 ||
      EVP_DigestSign(sign.get(), nullptr, &size, text, kText.size()) != 1) {
    return false;
  }
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(sign.get(), signature.data(), &size, text, kText.size()) != 1) {
    return false;
  }
  const Digest verify(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(verify.get(), nullptr, EVP_sha256(), nullptr, public_key) == 1 &&
         EVP_DigestVerify(verify.get(), signature.data(), size, text, kText.size()) == 1;
}

// Names, key ids, and what the issuer says that its key is for.
bool claims_to_issue(X509* issuer, X509* subject) {
  return X509_check_issued(issuer, subject) == X509_V_OK;
}

}  // namespace

std::optional<std::vector<Certificate>> certificates_of_pem(std::string_view text,
                                                            std::size_t max) {
  const ErrorQueue errors;
  std::vector<Certificate> certificates;
  std::string_view rest = trimmed(text, kWhiteSpace);
  while (!rest.empty() && certificates.size() < max) {
    const auto block = take_block(rest, "CERTIFICATE");
    auto der = block ? bytes_of_block(*block) : std::nullopt;
    auto certificate = der ? certificate_of(*std::move(der)) : std::nullopt;
    if (!certificate) {
      return std::nullopt;
    }
    certificates.push_back(*std::move(certificate));
  }
  return rest.empty() && !certificates.empty() ? std::optional(std::move(certificates))
                                               : std::nullopt;
}

KeyMatch match_private_key(const Certificate& certificate, const Secret& pem) {
  const ErrorQueue errors;
  const Key key = private_key_of(pem.reveal(secret_access()));
  if (key == nullptr) {
    return KeyMatch::Unreadable;
  }
  const X509Ptr parsed = parse(certificate.der);
  EVP_PKEY* own = parsed == nullptr ? nullptr : X509_get0_pubkey(parsed.get());
  return own != nullptr && EVP_PKEY_eq(own, key.get()) == 1 && signs_for(key.get(), own)
             ? KeyMatch::Same
             : KeyMatch::Other;
}

std::optional<int> find_chain_fault(std::span<const Certificate> chain, Instant now) {
  const ErrorQueue errors;
  if (chain.size() < 2) {
    return std::nullopt;
  }
  const int last = static_cast<int>(chain.size()) - 1;
  X509Ptr issuer = parse(chain.back().der);
  X509Ptr subject = parse(chain[chain.size() - 2].der);
  if (issuer == nullptr || subject == nullptr || !claims_to_issue(issuer.get(), subject.get())) {
    return -1;
  }
  for (int place = last; place > 0; --place) {
    // The issuer at `place`, and the one that it issued.
    if (!chain[static_cast<std::size_t>(place)].is_valid_at(now) ||
        X509_check_ca(issuer.get()) == 0) {
      return place;
    }
    subject = parse(chain[static_cast<std::size_t>(place) - 1].der);
    if (subject == nullptr || !claims_to_issue(issuer.get(), subject.get()) ||
        X509_verify(subject.get(), X509_get0_pubkey(issuer.get())) != 1) {
      return place - 1;
    }
    issuer = std::move(subject);
  }
  return chain.front().is_valid_at(now) ? std::nullopt : std::optional(0);
}

}  // namespace signet::crypto
