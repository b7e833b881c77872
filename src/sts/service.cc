#include "sts/service.h"

#include "facts/sts_records.h"
#include "facts/sts_wire.h"
#include "sts/handlers.h"

namespace signet::sts {

std::unique_ptr<api::QueryInvocation> StsService::make(const facts::OperationRow& row) const {
  switch (row.id) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments are types
#define SIGNET_OPERATION(operation, Request, Response) \
  case facts::Operation::operation:                    \
    return std::make_unique<api::TypedQuery<Request, Response>>(row);
#include "sts/dispatch.inc"
#undef SIGNET_OPERATION
    default:
      return nullptr;
  }
}

}  // namespace signet::sts
