#include "insight/service.h"

#include "facts/insight_records.h"
#include "facts/insight_wire.h"
#include "insight/handlers.h"

namespace signet::insight {

std::unique_ptr<api::JsonInvocation> InsightService::make(const facts::OperationRow& row) const {
  switch (row.id) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments are types
#define SIGNET_OPERATION(operation, Request, Response) \
  case facts::Operation::operation:                    \
    return std::make_unique<api::TypedJson<Request, Response>>(row);
#include "insight/dispatch.inc"
#undef SIGNET_OPERATION
    default:
      return nullptr;
  }
}

}  // namespace signet::insight
