// fuzz-deps: base codec token
#include "token/session_token.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "codec/base64.h"
#include "token/auth_message.h"

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

namespace {

constexpr Instant kNow = Instant::from_seconds(1767225600);

const token::KeyRing& ring() {
  static const token::KeyRing value = [] {
    std::vector<token::RingKey> keys;
    keys.push_back(token::RingKey{.id = 1,
                                  .bytes = Secret(std::string(32, 'k')),
                                  .not_before = Instant{},
                                  .not_after = kNow.plus_seconds(1'000'000)});
    return token::KeyRing(keys);
  }();
  return value;
}

class FixedRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      byte = 7;
    }
  }
};

}  // namespace

// Texts that nobody sealed never open. The same bytes as the plaintext of a well-sealed frame, that
// is, whatever a confused version of ours might have written, give a session or nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  SIGNET_ASSERT(!token::open_session(ring(), text, kNow));
  SIGNET_ASSERT(!token::open_authorization_message(ring(), text, kNow));
  if (size > 3000) {
    return 0;
  }
  FixedRandom random;
  const auto sealed =
      ring().seal(token::Purpose::SessionToken, "\x21\x0a\x09\x01", text, kNow, random);
  SIGNET_ASSERT(sealed.has_value());
  const auto opened = token::open_session(ring(), codec::encode_base64(*sealed), kNow);
  if (opened) {
    const auto again =
        token::seal_session(ring(), *opened->session, opened->secret_key, kNow, random);
    SIGNET_ASSERT(!again || token::open_session(ring(), *again, kNow));
  }
  return 0;
}
