#include "mfa/totp.h"

#include <array>

#include "crypto/hmac.h"
#include "crypto/random.h"

namespace signet::mfa {

std::int64_t step_of(Instant t) {
  const std::int64_t seconds = t.seconds();
  return seconds >= 0 ? seconds / kStepSeconds : -((-seconds + kStepSeconds - 1) / kStepSeconds);
}

// RFC 4226 5.3 with the step as the counter.
std::string totp_code(std::string_view seed, std::int64_t step) {
  std::array<std::uint8_t, 8> counter;
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(step) >> (56 - 8 * i));
  }
  const std::array<std::uint8_t, 20> mac = crypto::hmac_sha1(seed, crypto::as_view(counter));
  const std::size_t offset = mac[19] & 15U;
  const std::uint32_t word = (static_cast<std::uint32_t>(mac[offset] & 0x7fU) << 24) |
                             (static_cast<std::uint32_t>(mac[offset + 1]) << 16) |
                             (static_cast<std::uint32_t>(mac[offset + 2]) << 8) | mac[offset + 3];
  std::string code(kCodeDigits, '0');
  std::uint32_t rest = word;
  for (std::size_t i = kCodeDigits; i > 0; --i) {
    code[i - 1] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  return code;
}

Secret make_seed(Random& random) {
  return Secret(crypto::random_bytes(random, kSeedSize));
}

}  // namespace signet::mfa
