#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace signet::oidc {
class IssuerKeys;
}

namespace signet::server {

using IssuerKeyFile = std::pair<std::string, std::string>;

// Takes "ISSUER=FILE" (--oidc-jwks), the issuer as its URL, into an issuer's name and a file. False
// for any other text.
[[nodiscard]] bool add_issuer_key_file(std::vector<IssuerKeyFile>& files, std::string_view text);

// Reads the key sets and gives them to `keys`, all or none. ServiceFailure names the file.
[[nodiscard]] Status read_issuer_key_files(const std::vector<IssuerKeyFile>& files,
                                           oidc::IssuerKeys& keys);

}  // namespace signet::server
