// fuzz-deps: base http
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "http/trusted_proxies.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

namespace {

constexpr std::string_view kPeer = "10.0.0.1";
constexpr std::string_view kClient = "192.0.2.1";

http::TrustedProxies make_proxies() {
  http::TrustedProxies proxies;
  SIGNET_ASSERT(proxies.add("10.0.0.0/8").has_value());
  SIGNET_ASSERT(proxies.add("fd00::/8").has_value());
  return proxies;
}

std::vector<http::HeaderView> read_headers(std::string_view text) {
  std::vector<http::HeaderView> headers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      headers.push_back({line.substr(0, colon), line.substr(colon + 1)});
    }
  }
  return headers;
}

}  // namespace

// Input: header lines "name:value". Whatever a client sends, the answer is an address, and a proxy
// that adds its own lines behind the client's decides: either what it says holds, or the request
// counts as the proxy's own without TLS.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const http::TrustedProxies proxies = make_proxies();
  static const http::TrustedProxies nobody;
  SIGNET_ASSERT(!nobody.contains(kPeer));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  std::vector<http::HeaderView> headers = read_headers({reinterpret_cast<const char*>(data), size});
  if (const auto client = http::forwarded_client(proxies, headers, kPeer)) {
    http::TrustedProxies again;
    SIGNET_ASSERT(again.add(client->address).has_value());
  }
  headers.push_back({"X-Forwarded-For", kClient});
  headers.push_back({"X-Forwarded-Proto", "http"});
  const auto client = http::forwarded_client(proxies, headers, kPeer);
  SIGNET_ASSERT(client.has_value());
  SIGNET_ASSERT(!client->is_secure);
  SIGNET_ASSERT(client->address == kClient || client->address == kPeer);
  return 0;
}
