#include "insight/service.h"

#include "facts/insight_records.h"
#include "facts/insight_wire.h"
#include "insight/handlers.h"

namespace signet::insight {

std::unique_ptr<api::JsonInvocation> InsightService::make(const facts::OperationRow& row) const {
  switch (row.id) {
#include "insight/dispatch.inc"
    default:
      return nullptr;
  }
}

}  // namespace signet::insight
