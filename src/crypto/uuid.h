#pragma once

#include <string>

#include "base/random.h"

namespace signet::crypto {

// A random UUID (RFC 4122 4.4) in its 36-character lower-case form.
[[nodiscard]] std::string uuid_v4(Random& random);

}  // namespace signet::crypto
