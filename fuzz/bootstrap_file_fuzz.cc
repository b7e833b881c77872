// fuzz-deps: base codec facts server
#include "server/bootstrap_file.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assertion.h"
#include "facts/errors.h"

// Any text is either a file with accounts, or refused with the place of the fault.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = signet::server::parse_bootstrap(text, "f");
  if (file) {
    SIGNET_ASSERT(!file->spec.accounts.empty());
    for (const auto& call : file->calls) {
      SIGNET_ASSERT(call.place.where().starts_with("f:"));
    }
  } else {
    SIGNET_ASSERT(file.error().code == signet::ErrorCode::InvalidInput);
    SIGNET_ASSERT(file.error().message.starts_with("f:"));
  }
  return 0;
}
