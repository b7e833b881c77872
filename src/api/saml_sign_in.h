#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"

namespace signet::api {

// What a browser posts to sign in with a SAML assertion. Borrowed: outlives the sign-in.
struct SamlPost {
  std::string_view response;       // base64
  std::string_view provider_uuid;  // that the address names; empty: it names none
  std::string_view role;           // ARN of the role that was chosen; empty: none was yet
};

// A role that an assertion offers.
struct SamlRole {
  std::string arn;
  std::string provider;  // ARN of the one that vouches for it

  bool operator==(const SamlRole&) const = default;
};

// A sign-in with a SAML assertion, as the page sees it. The service that knows assertions
// implements it, and decides as for AssumeRoleWithSAML; services do not know each other.
class SamlSignIn {
 public:
  SamlSignIn() = default;
  SamlSignIn(const SamlSignIn&) = delete;
  SamlSignIn& operator=(const SamlSignIn&) = delete;
  SamlSignIn(SamlSignIn&&) = delete;
  SamlSignIn& operator=(SamlSignIn&&) = delete;
  virtual ~SamlSignIn() = default;

  // Verifies the assertion, on a thread of a pool. Errors in the words of AssumeRoleWithSAML.
  [[nodiscard]] virtual Status examine(const CheckContext& context) = 0;

  // After examine(): the roles to choose from, at least two; empty: one is chosen, and the rest can
  // be called.
  [[nodiscard]] virtual const std::vector<SamlRole>& choices() const = 0;

  // Those of AssumeRoleWithSAML.
  [[nodiscard]] virtual Result<CheckList> checks(const CheckContext& context) const = 0;

  // Uses the assertion up; the session token of the role, whose session lasts as long as the
  // assertion and the role say.
  [[nodiscard]] virtual Result<std::string> redeem(HandlerContext& context) = 0;
};

using SamlSignInMaker = std::function<std::unique_ptr<SamlSignIn>(const SamlPost&)>;

}  // namespace signet::api
