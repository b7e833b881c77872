#pragma once

#include <memory>

#include "api/json.h"

namespace signet::accessanalyzer {

// The route table of Access Analyzer: every implemented operation, bound to its checks() and
// handle().
class AccessAnalyzerService final : public api::JsonService {
 public:
  AccessAnalyzerService() : JsonService(facts::Service::Accessanalyzer) {}

  [[nodiscard]] std::unique_ptr<api::JsonInvocation> make(
      const facts::OperationRow& row) const override;
};

}  // namespace signet::accessanalyzer
