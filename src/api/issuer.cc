#include "api/issuer.h"

#include "facts/errors.h"
#include "identity/issuers.h"

namespace signet::api {

Result<std::string> issuer_url(const Deps& deps, const identity::WebIdentityIssuer& issuer) {
  const std::string base = deps.issuer_base ? deps.issuer_base() : std::string();
  if (base.empty()) {
    return std::unexpected(
        facts::service_failure("where verifiers reach this server is not known yet"));
  }
  return identity::issuer_url(base, issuer);
}

}  // namespace signet::api
