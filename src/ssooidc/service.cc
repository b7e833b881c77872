#include "ssooidc/service.h"

#include "facts/ssooidc_records.h"
#include "facts/ssooidc_wire.h"
#include "ssooidc/handlers.h"

namespace signet::ssooidc {

std::unique_ptr<api::JsonInvocation> SsoOidcService::make(const facts::OperationRow& row) const {
  switch (row.id) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments are types
#define SIGNET_OPERATION(operation, Request, Response) \
  case facts::Operation::operation:                    \
    return std::make_unique<api::TypedJson<Request, Response>>(row);
#include "ssooidc/dispatch.inc"
#undef SIGNET_OPERATION
    default:
      return nullptr;
  }
}

}  // namespace signet::ssooidc
