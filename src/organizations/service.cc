#include "organizations/service.h"

#include "facts/organizations_records.h"
#include "facts/organizations_wire.h"
#include "organizations/handlers.h"

namespace signet::organizations {

std::unique_ptr<api::JsonInvocation> OrganizationsService::make(
    const facts::OperationRow& row) const {
  switch (row.id) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments are types
#define SIGNET_OPERATION(operation, Request, Response) \
  case facts::Operation::operation:                    \
    return std::make_unique<api::TypedJson<Request, Response>>(row);
#include "organizations/dispatch.inc"
#undef SIGNET_OPERATION
    default:
      return nullptr;
  }
}

}  // namespace signet::organizations
