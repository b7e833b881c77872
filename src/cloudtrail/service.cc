#include "cloudtrail/service.h"

#include "cloudtrail/handlers.h"
#include "facts/cloudtrail_records.h"
#include "facts/cloudtrail_wire.h"

namespace signet::cloudtrail {

std::unique_ptr<api::JsonInvocation> CloudTrailService::make(const facts::OperationRow& row) const {
  switch (row.id) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments are types
#define SIGNET_OPERATION(operation, Request, Response) \
  case facts::Operation::operation:                    \
    return std::make_unique<api::TypedJson<Request, Response>>(row);
#include "cloudtrail/dispatch.inc"
#undef SIGNET_OPERATION
    default:
      return nullptr;
  }
}

}  // namespace signet::cloudtrail
