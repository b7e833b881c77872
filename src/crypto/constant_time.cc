#include "crypto/constant_time.h"

#include <openssl/crypto.h>

namespace signet::crypto {

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace signet::crypto
