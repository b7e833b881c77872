#include "facts/ssooidc_wire.h"
#include "facts/wire/json_answer.h"

namespace signet::ssooidc {
#include "facts/ssooidc_encode.inc"
}  // namespace signet::ssooidc
