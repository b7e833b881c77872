#include "token/service_secret.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/secret_access.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/sha256.h"

namespace signet::token {
namespace {

std::string digest_of(const Secret& secret) {
  return std::string(crypto::as_view(crypto::sha256(secret.reveal(secret_access()))));
}

}  // namespace

ServiceSecret make_service_password(Random& random) {
  std::array<std::uint8_t, 44> noise;
  random.fill(noise);
  Secret password(codec::encode_base64(codec::as_text(noise)));
  explicit_bzero(noise.data(), noise.size());
  std::string digest = digest_of(password);
  return {.shown = std::move(password), .digest = std::move(digest)};
}

ServiceSecret make_service_api_key(std::string_view prefix,
                                   std::string_view alias,
                                   Random& random) {
  ServiceSecret made = make_service_password(random);
  const Secret pair(concat(alias, ":", made.shown.reveal(secret_access())));
  std::string key(prefix);
  codec::append_base64(key, pair.reveal(secret_access()));
  made.shown = Secret(std::move(key));
  return made;
}

}  // namespace signet::token
