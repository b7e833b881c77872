// fuzz-deps: base codec facts server
#include "server/backup_manifest.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.h"

// Whatever a manifest holds: it is refused, or comes back as it was read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = signet::server::parse_manifest(text);
  if (manifest) {
    const auto again = signet::server::parse_manifest(signet::server::manifest_text(*manifest));
    SIGNET_ASSERT(again.has_value());
    SIGNET_ASSERT(again->files == manifest->files);
  }
  return 0;
}
