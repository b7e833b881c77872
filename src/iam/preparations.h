#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "identity/entities.h"

namespace signet::iam {

// What the slow parts of calls make on the worker pool for the writes that follow (`prepared` in
// facts/operations/curated.tsv).

struct PreparedPassword {
  std::string hash;      // PHC string of the new password; empty: the request sets none
  std::string replaced;  // ChangePassword: the stored hash that the old password was held against
};

using ChangePasswordPreparation = PreparedPassword;
using CreateLoginProfilePreparation = PreparedPassword;
using UpdateLoginProfilePreparation = PreparedPassword;

// What a metadata document says; nothing if the request has none.
struct PreparedMetadata {
  std::vector<identity::SamlIssuer> issuers;
  std::optional<Instant> valid_until;
};

using CreateSAMLProviderPreparation = PreparedMetadata;
using UpdateSAMLProviderPreparation = PreparedMetadata;

// A new device's seed in the three forms it exists in.
struct CreateVirtualMFADevicePreparation {
  identity::SharedSecret seed;
  identity::SharedSecret base32;
  identity::SharedSecret qr_png;
};

// Private keys of a new issuer (PKCS #8); null where the account has been one before.
struct EnableOutboundWebIdentityFederationPreparation {
  identity::SharedSecret rsa;
  identity::SharedSecret ec;
};

// A server certificate whose key and chain were checked, as it is kept.
struct UploadServerCertificatePreparation {
  std::string body;
  std::string chain;  // empty: none
  Instant expires;
};

}  // namespace signet::iam
