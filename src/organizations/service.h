#pragma once

#include <memory>

#include "api/json.h"

namespace signet::organizations {

// The route table of Organizations: every implemented operation, bound to its checks() and
// handle().
class OrganizationsService final : public api::JsonService {
 public:
  OrganizationsService() : JsonService(facts::Service::Organizations) {}

  [[nodiscard]] std::unique_ptr<api::JsonInvocation> make(
      const facts::OperationRow& row) const override;
};

}  // namespace signet::organizations
