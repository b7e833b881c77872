// fuzz-deps: base crypto
#include "crypto/rsa_public_key.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// A key that is read is written back in SSH's only form, and is the same when it is read again,
// from SSH's form and from PEM.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = crypto::rsa_of_ssh(text)) {
    SIGNET_ASSERT(crypto::ssh_of(*key) == text);
    SIGNET_ASSERT(crypto::rsa_of_pem(crypto::pem_of(*key)) == key);
  }
  if (const auto key = crypto::rsa_of_pem(text)) {
    SIGNET_ASSERT(crypto::rsa_of_ssh(crypto::ssh_of(*key)) == key);
  }
  return 0;
}
