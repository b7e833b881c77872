#include "server/listen_options.h"

#include <string>

#include <gtest/gtest.h>

namespace signet::server {
namespace {

// Why the server would not listen so; empty: it would.
std::string complaint(const Options& options) {
  const auto made = listen_options(options);
  return made ? std::string() : made.error().cause;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(ListenOptions, AllowPlainHttpOnLoopback) {
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1"}) {
    EXPECT_EQ(complaint({.address = address}), "") << address;
    EXPECT_EQ(complaint({.address = address, .is_dev = true}), "") << address;
  }
}

TEST(ListenOptions, RefuseDevBeyondLoopbackWhateverElseIsGiven) {
  EXPECT_TRUE(contains(complaint({.address = "0.0.0.0",
                                  .is_dev = true,
                                  .tls_certificate = "c",
                                  .tls_key = "k",
                                  .trusted_proxies = {"127.0.0.1"},
                                  .is_insecure_listen = true}),
                       "--dev listens on loopback only"));
}

TEST(ListenOptions, LetDevBeyondLoopbackWithItsOwnFlagOnly) {
  EXPECT_EQ(complaint({.address = "0.0.0.0", .is_dev = true, .allows_remote_dev = true}), "");
  // Without --dev the flag is no way around TLS.
  EXPECT_TRUE(contains(complaint({.address = "0.0.0.0", .allows_remote_dev = true}),
                       "without TLS would show session tokens"));
}

TEST(ListenOptions, RefusePlainHttpBeyondLoopbackAndNameTheThreeWays) {
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "127.example"}) {
    const std::string reason = complaint({.address = address});
    for (const char* way : {"--tls-cert", "--trust-proxy", "--insecure-listen"}) {
      EXPECT_TRUE(contains(reason, way)) << address << ": " << reason;
    }
  }
}

TEST(ListenOptions, TakeEachOfTheThreeWays) {
  EXPECT_EQ(complaint({.address = "0.0.0.0", .tls_certificate = "c", .tls_key = "k"}), "");
  EXPECT_EQ(complaint({.address = "0.0.0.0", .trusted_proxies = {"10.0.0.7"}}), "");
  EXPECT_EQ(complaint({.address = "0.0.0.0", .is_insecure_listen = true}), "");
}

TEST(ListenOptions, DemandCertificateAndKeyTogether) {
  EXPECT_TRUE(contains(complaint({.tls_certificate = "c"}), "belong together"));
  EXPECT_TRUE(contains(complaint({.tls_key = "k"}), "belong together"));
}

TEST(ListenOptions, SayWhichProxyIsNoAddress) {
  const std::string reason = complaint({.trusted_proxies = {"10.0.0.0/8", "proxy.example"}});
  EXPECT_TRUE(contains(reason, "--trust-proxy \"proxy.example\"")) << reason;
}

TEST(ListenOptions, CarryTheFilesTheProxiesAndTheLoops) {
  const auto made = listen_options({.address = "::",
                                    .port = 443,
                                    .threads = 3,
                                    .tls_certificate = "c",
                                    .tls_key = "k",
                                    .trusted_proxies = {"10.0.0.0/8"}});

  ASSERT_TRUE(made);
  ASSERT_EQ(made->listeners.size(), 1U);
  EXPECT_EQ(made->listeners[0].address, "::");
  EXPECT_EQ(made->listeners[0].port, 443);
  ASSERT_TRUE(made->listeners[0].tls);
  EXPECT_EQ(made->listeners[0].tls->chain, "c");
  EXPECT_EQ(made->listeners[0].tls->key, "k");
  EXPECT_EQ(made->loops, 3);
  EXPECT_TRUE(made->trusted_proxies.contains("10.2.3.4"));
}

}  // namespace
}  // namespace signet::server
