#include "organizations/service.h"

#include "facts/organizations_records.h"
#include "facts/organizations_wire.h"
#include "organizations/handlers.h"

namespace signet::organizations {

std::unique_ptr<api::JsonInvocation> OrganizationsService::make(
    const facts::OperationRow& row) const {
  switch (row.id) {
#include "organizations/dispatch.inc"
    default:
      return nullptr;
  }
}

}  // namespace signet::organizations
