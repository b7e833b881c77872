#include "crypto/sha1.h"

#include <openssl/evp.h>

#include "base/assertion.h"

namespace signet::crypto {

Sha1Digest sha1(std::string_view bytes) {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  SIGNET_ASSERT(algorithm != nullptr);
  Sha1Digest digest;
  SIGNET_ASSERT(
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr) == 1);
  return digest;
}

}  // namespace signet::crypto
