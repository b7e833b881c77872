#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace signet::identity {

// The master key in its written form: 64 hexadecimal digits, surrounding white space ignored.
// Errors: ServiceFailure that names `origin` (a variable or a file), never the text.
[[nodiscard]] Result<Secret> parse_master_key(std::string_view text, std::string_view origin);

// Reads the master key from a file, or makes a new key and writes the file (mode 0600, flushed)
// when there is none. A file that others can read or write is refused.
[[nodiscard]] Result<Secret> load_or_create_master_key(const std::string& path, Random& random);

}  // namespace signet::identity
