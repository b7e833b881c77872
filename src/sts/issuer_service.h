#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "api/web.h"

namespace signet::sts {

// The documents of web identity issuers, for whoever verifies their tokens (OpenID Connect
// Discovery 1.0, RFC 7517): <issuer>/.well-known/openid-configuration and
// <issuer>/.well-known/jwks.json. No signature is asked for, and an issuer that is turned off keeps
// them, so that the last tokens can still be verified (new-in-2026 2).
class IssuerService final : public api::WebService {
 public:
  [[nodiscard]] bool handles(std::string_view method,
                             std::string_view path,
                             std::string_view raw_query) const override;
  [[nodiscard]] std::vector<std::string_view> operations() const override;
  [[nodiscard]] std::unique_ptr<api::WebInvocation> match(const api::WebRequest& request) override;
};

}  // namespace signet::sts
