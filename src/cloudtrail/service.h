#pragma once

#include <memory>

#include "api/json.h"

namespace signet::cloudtrail {

// The route table of CloudTrail: every implemented operation, bound to its checks() and handle().
class CloudTrailService final : public api::JsonService {
 public:
  CloudTrailService() : JsonService(facts::Service::Cloudtrail) {}

  [[nodiscard]] std::unique_ptr<api::JsonInvocation> make(
      const facts::OperationRow& row) const override;
};

}  // namespace signet::cloudtrail
