#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "api/saml_sign_in.h"
#include "api/web.h"
#include "authn/key_rings.h"
#include "http/web_bundle.h"

namespace signet::crypto {
class SignKey;
}

namespace signet::signin {

class Attempts;

// How many sign-in tokens and console sessions there may be at a time, expired ones that are not
// swept yet included.
struct TicketLimits {
  std::size_t per_session = 100;  // made with one set of temporary credentials
  std::size_t per_account = 10'000;
  std::uint32_t idle_seconds = 3600;  // a browser's session ends when it was not used for so long
};

// The operations of the sign-in door, under AWS's event names (aws-wire 7.4).
enum class Operation : std::uint8_t {
  GetSigninToken,
  ConsoleLogin,
  Logout,
  GetConsolePage,
  AuthorizeOAuth2Access,
  CreateOAuth2Token,
  SwitchRole,
  ExitRole,
  AssumeRoleWithSaml,
  GetConsoleCredentials,
  EnableMfaDevice,
};

[[nodiscard]] std::string_view name_of(Operation operation);

inline constexpr std::size_t kOperations = 11;

// What an operation is made from. Outlives it.
struct SigninParts {
  const api::WebRequest& request;
  const authn::KeyRings& rings;
  const TicketLimits& limits;
  Attempts& attempts;  // at passwords
  const crypto::SignKey& id_token_key;
  const api::SamlSignInMaker& make_saml_sign_in;  // empty: there is none, and no page that needs it
  const http::WebBundle& console;                 // the application; may be none
};

// What the operations of the sign-in door have in common: their names and what their records tell.
class SigninInvocation : public api::PageInvocation {
 public:
  SigninInvocation(Operation operation, const SigninParts& parts);

  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override;

 protected:
  // How a sign-in event ended, where it succeeded or failed; empty: it is none.
  [[nodiscard]] virtual std::string_view success() const { return "Success"; }

  [[nodiscard]] const SigninParts& parts() const { return parts_; }

  [[nodiscard]] const api::WebRequest& request() const { return parts_.request; }

  [[nodiscard]] std::string_view param(std::string_view name) const {
    return parts_.request.param(name);
  }

  [[nodiscard]] const authn::KeyRings& rings() const { return parts_.rings; }

  [[nodiscard]] const TicketLimits& limits() const { return parts_.limits; }

  // Refuses with a page, recorded as AWS records what it does not let in.
  [[nodiscard]] std::unexpected<Error> refuse_with(http::Response page);

 private:
  SigninParts parts_;
};

// A caller who is nobody.
[[nodiscard]] model::CallerRef nobody();

// A page that everybody may see: it changes nothing and is no event of signing in.
class ConsolePage : public SigninInvocation {
 public:
  explicit ConsolePage(const SigninParts& parts);

  api::RunMode run_mode() const override { return api::RunMode::Read; }

  Result<model::CallerRef> identify(const api::WebContext& context) override;

  Result<api::CheckList> checks(const api::CheckContext& context) override;

 protected:
  [[nodiscard]] std::string_view success() const override { return ""; }
};

}  // namespace signet::signin
