#pragma once

#include <memory>

#include "api/json.h"

namespace signet::ssooidc {

// The route table of the OIDC service of IAM Identity Center: every implemented operation, bound to
// its checks() and handle().
class SsoOidcService final : public api::JsonService {
 public:
  SsoOidcService() : JsonService(facts::Service::Ssooidc) {}

  [[nodiscard]] std::unique_ptr<api::JsonInvocation> make(
      const facts::OperationRow& row) const override;
};

}  // namespace signet::ssooidc
