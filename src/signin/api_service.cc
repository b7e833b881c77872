#include "signin/api_service.h"

#include "facts/signin_records.h"
#include "facts/signin_wire.h"
#include "signin/handlers.h"

namespace signet::signin {

std::unique_ptr<api::JsonInvocation> SigninApi::make(const facts::OperationRow& row) const {
  switch (row.id) {
#include "signin/dispatch.inc"
    default:
      return nullptr;
  }
}

}  // namespace signet::signin
