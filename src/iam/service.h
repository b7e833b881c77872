#pragma once

#include <memory>

#include "api/query.h"

namespace signet::iam {

// The route table of the IAM service: every implemented operation, bound to its checks() and
// handle().
class IamService final : public api::QueryService {
 public:
  IamService() : QueryService(facts::Service::Iam) {}

  [[nodiscard]] std::unique_ptr<api::QueryInvocation> make(
      const facts::OperationRow& row) const override;
};

}  // namespace signet::iam
