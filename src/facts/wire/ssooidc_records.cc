#include "facts/ssooidc_records.h"

#include "facts/wire/answer.h"

namespace signet::ssooidc {
#include "facts/ssooidc_records.inc"
}  // namespace signet::ssooidc
