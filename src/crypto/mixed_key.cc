#include "crypto/mixed_key.h"

#include "base/secret_access.h"
#include "base/strings.h"
#include "crypto/constant_time.h"
#include "crypto/hmac.h"
#include "crypto/random.h"
#include "crypto/sha256.h"

namespace signet::crypto {
namespace {

// HKDF (RFC 5869): the own key is the salt, the other secret the input. On disk: do not change.
AeadKey mixed(const Secret& own, const Secret& with) {
  const Sha256Digest extracted =
      HmacKey(own.reveal(secret_access())).mac(with.reveal(secret_access()));
  const Sha256Digest key = HmacKey(as_view(extracted)).derive("mixed key");
  return AeadKey(as_view(key));
}

// On disk: do not change.
constexpr std::size_t kSaltSize = 16;

std::string marked(std::string_view label, std::string_view salt, const Secret& secret) {
  const HmacKey hmac(secret.reveal(secret_access()));
  return concat(salt, as_view(hmac.mac({label, salt})));
}

}  // namespace

SecretBox::NewKey make_mixed_key(const SecretBox& box,
                                 std::string_view context,
                                 const Secret& with,
                                 Random& random) {
  const Secret bytes(random_bytes(random, kAeadKeySize));
  return {.key = mixed(bytes, with),
          .sealed = box.seal(context, bytes.reveal(secret_access()), random)};
}

std::optional<AeadKey> open_mixed_key(const SecretBox& box,
                                      std::string_view context,
                                      const Secret& with,
                                      std::string_view sealed) {
  const std::optional<Secret> bytes = box.open(context, sealed);
  if (!bytes || bytes->size() != kAeadKeySize) {
    return std::nullopt;
  }
  return mixed(*bytes, with);
}

std::string mark_of(std::string_view label, const Secret& secret, Random& random) {
  return marked(label, random_bytes(random, kSaltSize), secret);
}

bool is_mark_of(std::string_view label, std::string_view mark, const Secret& secret) {
  return mark.size() == kSaltSize + sizeof(Sha256Digest) &&
         equal_constant_time(marked(label, mark.substr(0, kSaltSize), secret), mark);
}

}  // namespace signet::crypto
