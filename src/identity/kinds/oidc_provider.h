#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "identity/kinds/context_provider.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/parts.h"

namespace signet::identity {

// An issuer of web identity tokens that an account trusts.
struct OidcProvider {
  std::string account;
  std::string name;  // the issuer's URL without https://, case kept: server.example.com/path
  Instant created;
  std::vector<std::string> client_ids;   // audiences, in the order in which they were added
  std::vector<std::string> thumbprints;  // SHA-1 of certificates, 40 lower-case hexadecimal digits
  SharedList<Tag> tags;
  Propagation propagation;
};

// Found and erased by its ARN.
template <>
struct Kind<OidcProvider> : KindDefaults {
  static constexpr std::uint8_t kRecord = 14;
  static constexpr std::string_view kNoun = "OIDC provider";
  static constexpr std::string_view kArn = "oidc-provider";
  static constexpr bool kNeedsAccount = true;
  static constexpr bool kHasExactName = true;
  using Indexes = Types<ByName<OidcProvider>>;

  static std::string record_key(const OidcProvider& v) {
    return account_key(v.account, "oidc", v.name);
  }

  static void fields(auto& ar, auto& v) {
    ar.text(1, v.account);
    ar.text(2, v.name);
    ar.instant(3, v.created);
    ar.texts(4, v.client_ids);
    ar.texts(5, v.thumbprints);
    ar.list(6, v.tags);
    ar.maybe(7, v.propagation.context);
    ar.text(8, v.propagation.identity_center_instance);
  }

  static Status normalize(const OidcProvider& v) {
    return v.name.empty() ? Status(refuse(kNoun, "no URL")) : Status();
  }
};

}  // namespace signet::identity
