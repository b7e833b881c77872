#include "token/auth_message.h"

#include "codec/base64.h"
#include "token/deflate.h"
#include "token/record.h"

namespace signet::token {
namespace {

constexpr std::string_view kMagic = "\xad\x4d\x53\x01";  // a random start, then the version
static_assert(kMagic.size() == 4);

// Longest JSON text taken; compressed it nearly always fits the message.
constexpr std::size_t kMaxJson = 65536;

}  // namespace

std::optional<std::string> seal_authorization_message(const KeyRing& ring,
                                                      std::string_view account,
                                                      std::string_view json,
                                                      Instant now,
                                                      std::int64_t ttl_seconds,
                                                      Random& random) {
  if (json.size() > kMaxJson) {
    return std::nullopt;
  }
  RecordWriter record;
  record.signed_number(now.plus_seconds(ttl_seconds).unix_ms);
  record.text(account);
  record.text(json);
  const std::optional<std::string> sealed =
      ring.seal(Purpose::AuthorizationMessage, kMagic, deflate_bytes(record.bytes()), now, random);
  if (!sealed || (sealed->size() * 4 + 2) / 3 > kMaxAuthorizationMessageSize) {
    return std::nullopt;
  }
  return codec::encode_base64url(*sealed);
}

std::optional<AuthorizationMessage> open_authorization_message(const KeyRing& ring,
                                                               std::string_view text,
                                                               Instant now) {
  if (text.size() > kMaxAuthorizationMessageSize) {
    return std::nullopt;
  }
  std::optional<std::string> sealed = codec::decode_base64url(text);
  if (!sealed) {
    return std::nullopt;
  }
  const std::optional<std::string_view> plaintext =
      ring.open(Purpose::AuthorizationMessage, kMagic, *sealed, now);
  if (!plaintext) {
    return std::nullopt;
  }
  const std::optional<std::string> record = inflate_bytes(*plaintext, kMaxJson + 64);
  if (!record) {
    return std::nullopt;
  }
  RecordReader in(*record);
  const Instant expires{in.signed_number()};
  AuthorizationMessage message{.account = std::string(in.text()), .json = std::string(in.text())};
  if (!in.is_good() || !in.is_at_end() || now >= expires) {
    return std::nullopt;
  }
  return message;
}

}  // namespace signet::token
