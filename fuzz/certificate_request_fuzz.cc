// fuzz-deps: base codec crypto facts model sigv4
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/end_entity.h"
#include "sigv4/x509.h"

// What a stranger sends to CreateSession: the header Authorization, then the certificate and the
// chain in base64, a line each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file
  constexpr Instant kNow = Instant::from_seconds(1'771'321'482);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto take_line = [&rest] {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
  };
  const std::string_view authorization = take_line();
  const std::string_view certificate = take_line();
  const std::string_view chain = take_line();
  const std::vector<sigv4::HeaderView> headers = {{"Host", "h"},
                                                  {"Authorization", authorization},
                                                  {"X-Amz-Date", "20260217T094442Z"},
                                                  {"X-Amz-X509", certificate},
                                                  {"X-Amz-X509-Chain", chain}};
  const auto signature = sigv4::read_x509_signature(
      {.method = "POST", .target = "/sessions", .headers = headers}, "rolesanywhere", "{}", kNow);
  const auto leaf = codec::decode_base64(certificate);
  const auto between = codec::decode_base64(chain);
  if (!leaf) {
    return 0;
  }
  if (const auto read = crypto::read_end_entity(*leaf)) {
    SIGNET_ASSERT(is_utf8(read->subject) && is_utf8(read->issuer) && !read->serial_hex.empty());
  }
  const std::vector<std::string> certificates =
      between ? std::vector<std::string>{*between} : std::vector<std::string>();
  SIGNET_ASSERT(crypto::judge_path({.leaf = *leaf, .chain = certificates, .now = kNow}).trust !=
                crypto::Trust::Trusted);
  if (signature) {
    static_cast<void>(crypto::verify_with_certificate(
        *leaf, crypto::SignatureScheme::Ecdsa, signature->string_to_sign, signature->signature));
  }
  return 0;
}
