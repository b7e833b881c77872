#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "identity/entities.h"
#include "identity/snapshot.h"

namespace signet::identity {

// Path of the documents of web identity issuers on this server; what follows is an issuer's id.
inline constexpr std::string_view kIssuerPath = "/_issuer/";

// The URL of an issuer below the server's own (`base`, without a slash at the end).
[[nodiscard]] std::string issuer_url(std::string_view base, const WebIdentityIssuer& issuer);

// Those of one issuer, in the order of their ids.
[[nodiscard]] std::vector<const IssuerKey*> issuer_keys(const Snapshot& snapshot,
                                                        std::string_view account);

// The key that signs now: of those of that algorithm that may sign already, the newest. Null: none.
[[nodiscard]] const IssuerKey* signing_key(const Snapshot& snapshot,
                                           std::string_view account,
                                           IssuerAlgorithm algorithm,
                                           Instant now);

// The id of an issuer's next key of that algorithm: RSA_0, RSA_1, EC384_0 and so on.
[[nodiscard]] std::string next_key_id(const Snapshot& snapshot,
                                      std::string_view account,
                                      IssuerAlgorithm algorithm);

}  // namespace signet::identity
