// fuzz-deps: base sigv4
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "crypto/sha256.h"
#include "sigv4/signing_key.h"
#include "sigv4/verify.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

namespace {

// Input: request line "METHOD TARGET", then header lines "name:value", split at line feeds.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

// No request verifies under a key that signed nothing, and no text makes the parser read out of
// bounds or answer views from elsewhere.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view first = take_line(text);
  const std::size_t space = first.find(' ');
  sigv4::RequestView request;
  request.method = first.substr(0, space);
  request.target =
      space == std::string_view::npos ? std::string_view("/") : first.substr(space + 1);
  std::vector<sigv4::HeaderView> headers;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t colon = line.find(':');
    headers.push_back(
        {line.substr(0, colon),
         colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1)});
  }
  request.headers = headers;
  static const std::string empty_hash = crypto::sha256_hex("");
  sigv4::Scratch scratch;
  (void)sigv4::peek_scope(request, scratch);
  for (const sigv4::Profile& profile : {sigv4::kSts, sigv4::kS3}) {
    const Result<sigv4::ParsedAuth> parsed =
        sigv4::parse(request, profile, Instant::from_seconds(1767225600), scratch);
    if (!parsed) {
      SIGNET_ASSERT(!parsed.error().message.empty());
      continue;
    }
    SIGNET_ASSERT(sigv4::has_credentials(request));
    SIGNET_ASSERT(parsed->service == profile.service);
    const sigv4::SigningKey key = sigv4::derive_key(*parsed, "fuzz");
    SIGNET_ASSERT(!sigv4::verify(*parsed, request, profile, key, empty_hash, scratch));
    SIGNET_ASSERT(scratch.canonical.starts_with(request.method));
  }
  return 0;
}
