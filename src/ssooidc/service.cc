#include "ssooidc/service.h"

#include "facts/ssooidc_records.h"
#include "facts/ssooidc_wire.h"
#include "ssooidc/handlers.h"

namespace signet::ssooidc {

std::unique_ptr<api::JsonInvocation> SsoOidcService::make(const facts::OperationRow& row) const {
  switch (row.id) {
#include "ssooidc/dispatch.inc"
    default:
      return nullptr;
  }
}

}  // namespace signet::ssooidc
