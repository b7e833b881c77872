// fuzz-deps: base codec crypto facts iam
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/assertion.h"
#include "iam/paging.h"

// A marker that is accepted is exactly the one that would be issued for its key, and no other list
// accepts it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string scope = signet::iam::list_scope("ListUsers", "111122223333");
  const auto query = signet::iam::read_page(scope, text, std::nullopt);
  if (query) {
    SIGNET_ASSERT(!query->after.empty());
    SIGNET_ASSERT(signet::iam::make_marker(scope, query->after) == text);
    const std::string other = signet::iam::list_scope("ListRoles", "111122223333");
    SIGNET_ASSERT(!signet::iam::read_page(other, text, std::nullopt));
  }
  // Any text may be a key: what is issued is accepted.
  if (!text.empty()) {
    const auto again =
        signet::iam::read_page(scope, signet::iam::make_marker(scope, text), std::nullopt);
    SIGNET_ASSERT(again && again->after == text);
  }
  return 0;
}
