#pragma once

#include <string>
#include <string_view>

namespace signet::mfa {

// otpauth://totp/<device>@<account>?secret=<base32>, where account is the alias or else the account
// id (aws-wire 4.13). Device and account are percent-encoded.
[[nodiscard]] std::string otpauth_uri(std::string_view device_name,
                                      std::string_view account_name,
                                      std::string_view base32_seed);

}  // namespace signet::mfa
