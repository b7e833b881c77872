#pragma once

#include <memory>

#include "api/json.h"

namespace signet::insight {

// The route table of Signet's own API: every operation, bound to its checks() and handle().
class InsightService final : public api::JsonService {
 public:
  InsightService() : JsonService(facts::Service::Insight) {}

  [[nodiscard]] std::unique_ptr<api::JsonInvocation> make(
      const facts::OperationRow& row) const override;
};

}  // namespace signet::insight
