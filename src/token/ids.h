#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace signet::token {

// Prefixes of unique ids (aws-wire 4.1).
inline constexpr std::string_view kAccessKeyPrefix = "AKIA";
inline constexpr std::string_view kTemporaryKeyPrefix = "ASIA";
inline constexpr std::string_view kBearerTokenPrefix = "ABIA";
inline constexpr std::string_view kUserPrefix = "AIDA";
inline constexpr std::string_view kRolePrefix = "AROA";
inline constexpr std::string_view kGroupPrefix = "AGPA";
inline constexpr std::string_view kInstanceProfilePrefix = "AIPA";
inline constexpr std::string_view kManagedPolicyPrefix = "ANPA";
inline constexpr std::string_view kPolicyVersionPrefix = "ANVA";
inline constexpr std::string_view kServerCertificatePrefix = "ASCA";
inline constexpr std::string_view kPublicKeyPrefix = "APKA";
inline constexpr std::string_view kServiceCredentialPrefix = "ACCA";

// A new id with the account inside (aws-wire 3.6): 20 characters for access keys (AKIA, ASIA,
// ABIA), 21 for everything else; 39 or 44 of its bits are random, so the caller checks that it is
// new. `account` is twelve digits.
[[nodiscard]] std::string make_id(std::string_view prefix,
                                  std::string_view account,
                                  Random& random);

// The account in an id of that layout, as twelve digits; nothing for older or foreign ids.
[[nodiscard]] std::optional<std::string> account_of(std::string_view id);

// A new secret access key: 40 characters of [A-Za-z0-9/+], 240 random bits.
[[nodiscard]] Secret make_secret_access_key(Random& random);

}  // namespace signet::token
