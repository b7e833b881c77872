#include "iam/service.h"

#include "facts/iam_records.h"
#include "facts/iam_wire.h"
#include "iam/handlers.h"

namespace signet::iam {

std::unique_ptr<api::QueryInvocation> IamService::make(const facts::OperationRow& row) const {
  switch (row.id) {
#include "iam/dispatch.inc"
    default:
      return nullptr;
  }
}

}  // namespace signet::iam
