// fuzz-deps: base codec crypto jose
#include "jose/dpop.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// A proof is read or refused with a reason; one that is read has a key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto proof = jose::read_dpop_proof(text);
  SIGNET_ASSERT(proof ? proof->thumbprint.size() == 43 : !proof.error().empty());
  return 0;
}
