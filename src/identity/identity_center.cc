#include "identity/identity_center.h"

#include "base/strings.h"
#include "crypto/sha256.h"

namespace signet::identity {

std::string identity_store_arn(std::string_view account, std::string_view instance_arn) {
  constexpr std::size_t kDigits = 10;  // d-1234567890
  const std::string digest = crypto::sha256_hex(concat(account, " ", instance_arn));
  return concat("arn:aws:identitystore::",
                account,
                ":identitystore/d-",
                std::string_view(digest).substr(0, kDigits));
}

}  // namespace signet::identity
