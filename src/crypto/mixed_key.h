#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/aead.h"
#include "crypto/key_wrap.h"

namespace signet::crypto {

// As SecretBox::make_key(), with a secret of somebody else's mixed in: the key can be had with both
// alone. `sealed` is as long, and tells nothing of that secret.
[[nodiscard]] SecretBox::NewKey make_mixed_key(const SecretBox& box,
                                               std::string_view context,
                                               const Secret& with,
                                               Random& random);

// The key that make_mixed_key() made; nothing as SecretBox::open(). With another secret it is
// another key, which does not show here.
[[nodiscard]] std::optional<AeadKey> open_mixed_key(const SecretBox& box,
                                                    std::string_view context,
                                                    const Secret& with,
                                                    std::string_view sealed);

// A mark by which a secret is recognized that is not kept: a new salt and the HMAC-SHA256 of it
// with the secret. `label` says what it is for.
[[nodiscard]] std::string mark_of(std::string_view label, const Secret& secret, Random& random);

// Whether a mark is of this secret. False for bytes that mark_of() did not make.
[[nodiscard]] bool is_mark_of(std::string_view label, std::string_view mark, const Secret& secret);

}  // namespace signet::crypto
