#include "rolesanywhere/service.h"

#include "facts/rolesanywhere_records.h"
#include "facts/rolesanywhere_wire.h"
#include "rolesanywhere/handlers.h"

namespace signet::rolesanywhere {

std::unique_ptr<api::JsonInvocation> RolesAnywhereService::make(
    const facts::OperationRow& row) const {
  switch (row.id) {
#include "rolesanywhere/dispatch.inc"
    default:
      return nullptr;
  }
}

}  // namespace signet::rolesanywhere
