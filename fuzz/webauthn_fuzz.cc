// fuzz-deps: base codec crypto model mfa
#include "mfa/webauthn.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"
#include "codec/cbor.h"

// What a browser sends for a passkey: a line of client data, then the bytes of the authenticator.
// They are taken as an attestation, and as authenticator data with a signature that is nobody's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view client_data = text.substr(0, end);
  const std::string_view bytes = text.substr(std::min(end + 1, text.size()));
  std::size_t used = 0;
  if (codec::parse_cbor(bytes, &used)) {
    SIGNET_ASSERT(used > 0 && used <= bytes.size());
  }
  const mfa::Ceremony ceremony{
      .challenge = "challenge", .origin = "http://localhost:8080", .rp_id = "localhost"};
  const auto made = mfa::read_registration(ceremony, client_data, bytes);
  const mfa::Passkey passkey = made.value_or(
      mfa::Passkey{.credential_id = "id", .public_key = std::string(bytes), .sign_count = 0});
  SIGNET_ASSERT(!made || (!made->credential_id.empty() && !made->public_key.empty()));
  SIGNET_ASSERT(!mfa::verify_assertion(passkey, ceremony, client_data, bytes, "signature"));
  return 0;
}
