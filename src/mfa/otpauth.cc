#include "mfa/otpauth.h"

#include "base/strings.h"
#include "codec/uri.h"

namespace signet::mfa {

std::string otpauth_uri(std::string_view device_name,
                        std::string_view account_name,
                        std::string_view base32_seed) {
  return concat("otpauth://totp/",
                codec::percent_encode(device_name),
                "@",
                codec::percent_encode(account_name),
                "?secret=",
                base32_seed);
}

}  // namespace signet::mfa
