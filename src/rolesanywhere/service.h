#pragma once

#include <memory>

#include "api/json.h"

namespace signet::rolesanywhere {

// The route table of IAM Roles Anywhere: every implemented operation, bound to its checks() and
// handle().
class RolesAnywhereService final : public api::JsonService {
 public:
  RolesAnywhereService() : JsonService(facts::Service::Rolesanywhere) {}

  [[nodiscard]] std::unique_ptr<api::JsonInvocation> make(
      const facts::OperationRow& row) const override;
};

}  // namespace signet::rolesanywhere
