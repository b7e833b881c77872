#pragma once

#include <memory>

#include "api/json.h"

namespace signet::signin {

// The Sign-In API: every implemented operation, bound to its checks() and handle() (signin-api 3).
class SigninApi final : public api::JsonService {
 public:
  SigninApi() : JsonService(facts::Service::Signin) {}

  [[nodiscard]] std::unique_ptr<api::JsonInvocation> make(
      const facts::OperationRow& row) const override;
};

}  // namespace signet::signin
