#include "rolesanywhere/service.h"

#include "facts/rolesanywhere_records.h"
#include "facts/rolesanywhere_wire.h"
#include "rolesanywhere/handlers.h"

namespace signet::rolesanywhere {

std::unique_ptr<api::JsonInvocation> RolesAnywhereService::make(
    const facts::OperationRow& row) const {
  switch (row.id) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments are types
#define SIGNET_OPERATION(operation, Request, Response) \
  case facts::Operation::operation:                    \
    return std::make_unique<api::TypedJson<Request, Response>>(row);
#include "rolesanywhere/dispatch.inc"
#undef SIGNET_OPERATION
    default:
      return nullptr;
  }
}

}  // namespace signet::rolesanywhere
