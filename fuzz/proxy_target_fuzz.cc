// fuzz-deps: base http
#include "http/proxy_target.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

// Input: the head of a request to a proxy. What is understood has a host without anything that a
// resolver, a log line or another request could misread, and what is sent on is one head.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto target = http::read_proxy_target(text);
  if (!target) {
    return 0;
  }
  SIGNET_ASSERT(!target->host.empty() && target->port != 0);
  for (const char c : target->host) {
    const auto byte = static_cast<unsigned char>(c);
    SIGNET_ASSERT(byte > 0x20 && byte < 0x7F && c != '/' && c != '@' && c != ',');
  }
  SIGNET_ASSERT(target->is_tunnel == target->origin_head.empty());
  if (!target->is_tunnel) {
    SIGNET_ASSERT(target->origin_head.ends_with("\r\n\r\n"));
    SIGNET_ASSERT(target->origin_head.find("\r\n\r\n") == target->origin_head.size() - 4);
  }
  return 0;
}
