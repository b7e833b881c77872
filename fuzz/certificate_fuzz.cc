// fuzz-deps: base crypto
// Input: certificates as PEM, then a byte 0 and a private key as PEM, if any.
#include "crypto/certificate.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// A chain is at fault at one of its places or at -1, a key is looked at, and neither changes what
// is read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = input.find('\0');
  const auto chain = crypto::certificates_of_pem(input.substr(0, zero), 4);
  if (!chain) {
    return 0;
  }
  SIGNET_ASSERT(!chain->empty() && chain->size() <= 4);
  const auto fault = crypto::find_chain_fault(*chain, Instant::from_seconds(1'790'000'000));
  SIGNET_ASSERT(!fault || (*fault >= -1 && *fault < static_cast<int>(chain->size())));
  if (zero != std::string_view::npos) {
    const Secret key(std::string(input.substr(zero + 1)));
    static_cast<void>(crypto::match_private_key(chain->front(), key));
  }
  const auto again = crypto::certificates_of_pem(input.substr(0, zero), 4);
  SIGNET_ASSERT(again && again->size() == chain->size());
  SIGNET_ASSERT(again->back().der == chain->back().der);
  return 0;
}
