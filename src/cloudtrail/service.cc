#include "cloudtrail/service.h"

#include "cloudtrail/handlers.h"
#include "facts/cloudtrail_records.h"
#include "facts/cloudtrail_wire.h"

namespace signet::cloudtrail {

std::unique_ptr<api::JsonInvocation> CloudTrailService::make(const facts::OperationRow& row) const {
  switch (row.id) {
#include "cloudtrail/dispatch.inc"
    default:
      return nullptr;
  }
}

}  // namespace signet::cloudtrail
