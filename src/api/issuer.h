#pragma once

#include <string>

#include "api/operation.h"
#include "base/result.h"
#include "identity/entities.h"

namespace signet::api {

// The URL of an account as issuer of web identity tokens. ServiceFailure while the server does not
// know its own.
[[nodiscard]] Result<std::string> issuer_url(const Deps& deps,
                                             const identity::WebIdentityIssuer& issuer);

}  // namespace signet::api
