#include "server/certificate_times.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include "base/strings.h"
#include "crypto/certificate.h"

namespace signet::server {
namespace {

constexpr std::size_t kLongestChain = 32;

// The blocks of certificates, without what may stand between them.
std::string blocks_of(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::string blocks;
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos;
       at = text.find(kBegin, at)) {
    const std::size_t end = text.find(kEnd, at);
    if (end == std::string_view::npos) {
      break;
    }
    const std::size_t after = end + kEnd.size();
    blocks += concat(text.substr(at, after - at), "\n");
    at = after;
  }
  return blocks;
}

}  // namespace

std::optional<CertificateTimes> read_certificate_times(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto chain = crypto::certificates_of_pem(blocks_of(text), kLongestChain);
  if (!chain) {
    return std::nullopt;
  }
  CertificateTimes times{.not_before = chain->front().not_before,
                         .not_after = chain->front().not_after};
  for (const crypto::Certificate& certificate : *chain) {
    times.not_before = std::max(times.not_before, certificate.not_before);
    times.not_after = std::min(times.not_after, certificate.not_after);
  }
  return times;
}

}  // namespace signet::server
