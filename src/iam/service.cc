#include "iam/service.h"

#include "facts/iam_records.h"
#include "facts/iam_wire.h"
#include "iam/handlers.h"

namespace signet::iam {

std::unique_ptr<api::QueryInvocation> IamService::make(const facts::OperationRow& row) const {
  switch (row.id) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments are types
#define SIGNET_OPERATION(operation, Request, Response) \
  case facts::Operation::operation:                    \
    return std::make_unique<api::TypedQuery<Request, Response>>(row);
#include "iam/dispatch.inc"
#undef SIGNET_OPERATION
    default:
      return nullptr;
  }
}

}  // namespace signet::iam
