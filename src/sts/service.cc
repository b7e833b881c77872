#include "sts/service.h"

#include "facts/sts_records.h"
#include "facts/sts_wire.h"
#include "sts/handlers.h"

namespace signet::sts {

std::unique_ptr<api::QueryInvocation> StsService::make(const facts::OperationRow& row) const {
  switch (row.id) {
#include "sts/dispatch.inc"
    default:
      return nullptr;
  }
}

}  // namespace signet::sts
