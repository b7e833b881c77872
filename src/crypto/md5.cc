#include "crypto/md5.h"

#include <utility>

#include <openssl/evp.h>

#include "base/assertion.h"

namespace signet::crypto {
namespace {

// Fetched once: a fetch by name costs 0.4 us and a lock on every use (performance 10.1).
const EVP_MD* algorithm() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "MD5", nullptr);
  SIGNET_ASSERT(md != nullptr);
  return md;
}

EVP_MD_CTX* as_context(void* context) {
  return static_cast<EVP_MD_CTX*>(context);
}

}  // namespace

Md5::Md5() : context_(EVP_MD_CTX_new()) {
  SIGNET_ASSERT(context_ != nullptr &&
                EVP_DigestInit_ex2(as_context(context_), algorithm(), nullptr) == 1);
}

Md5::Md5(Md5&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Md5& Md5::operator=(Md5&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

Md5::~Md5() {
  EVP_MD_CTX_free(as_context(context_));
}

void Md5::update(std::string_view bytes) {
  SIGNET_ASSERT(EVP_DigestUpdate(as_context(context_), bytes.data(), bytes.size()) == 1);
}

Md5Digest Md5::finish() {
  Md5Digest digest;
  SIGNET_ASSERT(EVP_DigestFinal_ex(as_context(context_), digest.data(), nullptr) == 1);
  SIGNET_ASSERT(EVP_DigestInit_ex2(as_context(context_), algorithm(), nullptr) == 1);
  return digest;
}

Md5Digest md5(std::string_view bytes) {
  Md5 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace signet::crypto
