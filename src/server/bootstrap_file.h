#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/bootstrap.h"

namespace signet::server {

// Reads the JSON of a bootstrap file (docs/guide/bootstrap.md):
//   {"accounts":[{"id":"123456789012","alias":..,"name":..,"email":..,"canonical_user_id":..,
//     "root":{"access_key_id":..,"secret_access_key":..,"password":..},
//     "users":[{"name":..,"path":..,"policies":[ARN..],"access_keys":[{"access_key_id":..,"secret_access_key":..}],
//               "password":..}]}]}
// Everything but `id` is optional. Errors name the place and what was expected there; unknown
// members are refused, so that a misspelt one is not lost silently.
[[nodiscard]] Result<identity::BootstrapSpec> parse_bootstrap(std::string_view json);

// The same from a file.
[[nodiscard]] Result<identity::BootstrapSpec> read_bootstrap_file(const std::string& path);

}  // namespace signet::server
