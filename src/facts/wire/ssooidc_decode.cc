#include <string_view>

#include "facts/patterns.h"
#include "facts/ssooidc_wire.h"
#include "facts/wire/json_decoder.h"

namespace signet::ssooidc {
#include "facts/ssooidc_decode.inc"
}  // namespace signet::ssooidc
