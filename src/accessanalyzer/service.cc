#include "accessanalyzer/service.h"

#include "accessanalyzer/handlers.h"
#include "facts/accessanalyzer_records.h"
#include "facts/accessanalyzer_wire.h"

namespace signet::accessanalyzer {

std::unique_ptr<api::JsonInvocation> AccessAnalyzerService::make(
    const facts::OperationRow& row) const {
  switch (row.id) {
#include "accessanalyzer/dispatch.inc"
    default:
      return nullptr;
  }
}

}  // namespace signet::accessanalyzer
