#include "accessanalyzer/service.h"

#include "accessanalyzer/handlers.h"
#include "facts/accessanalyzer_records.h"
#include "facts/accessanalyzer_wire.h"

namespace signet::accessanalyzer {

std::unique_ptr<api::JsonInvocation> AccessAnalyzerService::make(
    const facts::OperationRow& row) const {
  switch (row.id) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments are types
#define SIGNET_OPERATION(operation, Request, Response) \
  case facts::Operation::operation:                    \
    return std::make_unique<api::TypedJson<Request, Response>>(row);
#include "accessanalyzer/dispatch.inc"
#undef SIGNET_OPERATION
    default:
      return nullptr;
  }
}

}  // namespace signet::accessanalyzer
