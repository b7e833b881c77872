#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "api/web.h"
#include "authn/key_rings.h"
#include "crypto/sign_key.h"
#include "signin/attempts.h"
#include "signin/invocation.h"

namespace signet::signin {

// The sign-in endpoints and pages: the federation endpoint (aws-wire 5.1, 5.2), sign-in with a
// password, the console's landing page, sign-out.
class SigninService final : public api::WebService {
 public:
  // Without a `console` its page is the plain one.
  explicit SigninService(const authn::KeyRings& rings,
                         const TicketLimits& limits = {},
                         const http::WebBundle& console = {},
                         api::SamlSignInMaker make_saml_sign_in = {});

  [[nodiscard]] bool handles(std::string_view method,
                             std::string_view path,
                             std::string_view raw_query) const override;
  // Assertions are longer than other forms.
  [[nodiscard]] bool takes_evidence(std::string_view path) const override;
  [[nodiscard]] std::vector<std::string_view> operations() const override;
  [[nodiscard]] std::unique_ptr<api::WebInvocation> match(const api::WebRequest& request) override;

  // Forgets who guessed passwords.
  void reset() { attempts_.reset(); }

 private:
  const authn::KeyRings& rings_;
  TicketLimits limits_;
  api::SamlSignInMaker make_saml_sign_in_;
  Attempts attempts_;
  crypto::SignKey id_token_key_;
  http::WebBundle console_;
};

}  // namespace signet::signin
