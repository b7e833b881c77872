// fuzz-deps: base codec saml
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "base/secret.h"
#include "saml/documents_for_test.h"
#include "saml/response.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// What is believed was signed with the key of the issuer that is trusted. (The seeds are signed
// with it; a change of what was signed is not believed.)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<saml::Issuer> issuers = {
      {.entity_id = std::string(saml::kEntityId),
       .certificates = {saml::der_of(saml::kIdpCertificate)}}};
  static const Secret key{std::string(saml::kServiceKey)};
  static const std::array<const Secret*, 1> keys = {&key};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = saml::read_response(text, {.issuers = issuers, .private_keys = keys});
  if (read) {
    SIGNET_ASSERT(read->certificate == issuers[0].certificates[0]);
    SIGNET_ASSERT(read->issuer == saml::kEntityId && read->name_id == "alice");
  }
  return 0;
}
