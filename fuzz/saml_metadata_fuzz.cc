// fuzz-deps: base saml
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.h"
#include "saml/metadata.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// Metadata that is read names issuers, each with a key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = saml::read_metadata(text);
  if (!read) {
    SIGNET_ASSERT(!saml::describe(read.error()).empty());
    return 0;
  }
  SIGNET_ASSERT(!read->issuers.empty());
  for (const saml::Issuer& issuer : read->issuers) {
    SIGNET_ASSERT(!issuer.entity_id.empty() && !issuer.certificates.empty());
  }
  return 0;
}
