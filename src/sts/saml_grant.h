#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authz/check.h"
#include "base/instant.h"
#include "base/result.h"
#include "identity/entities.h"
#include "saml/response.h"
#include "sts/session_tags.h"

namespace signet::sts {

// What an assertion grants at AWS, once it was judged (aws-wire 3.2).
struct SamlGrant {
  std::string subject;
  std::string subject_type;  // persistent, transient, or a whole URI
  std::string issuer;
  std::string recipient;  // what answers and policies call the audience
  std::string name_qualifier;
  std::string session_name;
  std::string source_identity;  // empty: none
  SessionTags tags;
  std::optional<std::int64_t> session_seconds;  // a session lasts no longer
  std::optional<Instant> session_end;           // likewise
  std::vector<authz::ContextEntry> keys;        // saml:... of the trust evaluation, all of them
  std::string id;                               // what tells the assertion from all others
  std::vector<model::Tag> propagated;           // as WebIdentity::propagated
  Instant redeemable_until;
};

// Judges an assertion whose signature is right: whom it is for, when, and for which role. Pure.
// Errors in the words of aws-wire 3.2.
[[nodiscard]] Result<SamlGrant> judge(const saml::Assertion& assertion,
                                      const identity::SamlProvider& provider,
                                      std::string_view role_arn,
                                      Instant now);

}  // namespace signet::sts
