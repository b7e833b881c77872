// fuzz-deps: base codec crypto jose
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.h"
#include "codec/base64.h"
#include "jose/claims.h"
#include "jose/jws.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// A token that is read is made of the parts that were read, and its claims answer whatever they are
// asked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto jws = jose::read_compact(text);
  if (!jws) {
    SIGNET_ASSERT(!jws.error().empty());
    return 0;
  }
  SIGNET_ASSERT(jws->signing_input + "." + codec::encode_base64url(jws->signature) == text);
  SIGNET_ASSERT(jws->signing_input.ends_with("." + codec::encode_base64url(jws->payload)));
  if (const auto claims = jose::Claims::read(jws->payload)) {
    for (const char* name : {"iss", "sub", "aud", "exp"}) {
      const auto texts = claims->texts(name);
      SIGNET_ASSERT(!texts || !texts->empty());
      const auto time = claims->time(name);
      SIGNET_ASSERT(!time || time->unix_ms >= 0);
    }
  }
  return 0;
}
