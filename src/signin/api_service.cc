#include "signin/api_service.h"

#include "facts/signin_records.h"
#include "facts/signin_wire.h"
#include "signin/handlers.h"

namespace signet::signin {

std::unique_ptr<api::JsonInvocation> SigninApi::make(const facts::OperationRow& row) const {
  switch (row.id) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): the arguments are types
#define SIGNET_OPERATION(operation, Request, Response) \
  case facts::Operation::operation:                    \
    return std::make_unique<api::TypedJson<Request, Response>>(row);
#include "signin/dispatch.inc"
#undef SIGNET_OPERATION
    default:
      return nullptr;
  }
}

}  // namespace signet::signin
