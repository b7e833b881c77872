#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/operation.h"
#include "facts/sts_types.h"
#include "model/caller.h"
#include "saml/assertion.h"
#include "sts/saml_evidence.h"

namespace signet::sts {

// What AssumeRoleWithSAML and the sign-in with an assertion have in common.

// Reads and verifies a response, base64, that any of these providers may have signed; decrypts it
// with their keys if it may be encrypted. Errors in the words of aws-wire 3.2.
[[nodiscard]] Result<saml::Assertion> read_assertion(
    std::string_view response,
    std::span<const identity::SamlProvider* const> providers,
    bool may_be_encrypted,
    const api::RequestInfo& request);

// Whether a certificate is one of that issuer's in the provider's metadata.
[[nodiscard]] bool trusts(const identity::SamlProvider& provider,
                          std::string_view issuer,
                          std::string_view certificate);

// The session that an assertion is good for, without its times and keys.
struct Redemption {
  model::Session session;
  const identity::Role* role = nullptr;
  std::int64_t seconds = 0;  // that it lasts
  identity::Ticket spent;    // to be put, so that the assertion works once for the role
};

// Errors: AccessDenied if the role is gone; those of an assertion that was used or is too old, and
// of a duration that the role does not allow.
[[nodiscard]] Result<Redemption> redeem(const AssumeRoleWithSAMLRequest& request,
                                        const SamlEvidence& evidence,
                                        const api::HandlerContext& context);

}  // namespace signet::sts
