#pragma once

#include <memory>

#include "api/query.h"

namespace signet::sts {

// The route table of the STS service: every implemented operation, bound to its checks() and
// handle().
class StsService final : public api::QueryService {
 public:
  StsService() : QueryService(facts::Service::Sts) {}

  [[nodiscard]] std::unique_ptr<api::QueryInvocation> make(
      const facts::OperationRow& row) const override;
};

}  // namespace signet::sts
