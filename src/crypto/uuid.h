#pragma once

#include <array>
#include <string>

#include "base/random.h"

namespace signet::crypto {

// The 36 characters of a UUID in its lower-case form.
using UuidText = std::array<char, 36>;

// A random UUID (RFC 4122 4.4).
[[nodiscard]] UuidText uuid_v4_text(Random& random);
[[nodiscard]] std::string uuid_v4(Random& random);

}  // namespace signet::crypto
