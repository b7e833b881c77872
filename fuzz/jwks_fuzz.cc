// fuzz-deps: base codec crypto jose
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.h"
#include "jose/jwk.h"
#include "jose/jws.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// Each key of a set that is read is found by its id, and verifies nothing that it did not sign.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto set = jose::JwkSet::read(text);
  if (!set) {
    SIGNET_ASSERT(!set.error().empty());
    return 0;
  }
  for (const jose::Jwk& key : set->keys()) {
    for (const auto algorithm : {jose::Algorithm::Rs256,
                                 jose::Algorithm::Es256,
                                 jose::Algorithm::Es384,
                                 jose::Algorithm::Es512}) {
      const jose::CompactJws jws{.algorithm = algorithm,
                                 .key_id = key.key_id,
                                 .signing_input = "e30.e30",
                                 .payload = "{}",
                                 .signature = "not a signature"};
      SIGNET_ASSERT(!jose::verify(jws, key));
      SIGNET_ASSERT(!key.fits(algorithm) || set->find(jws) == &key);
    }
  }
  return 0;
}
