#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace signet::mfa {

// A key of an authenticator that was registered here (Web Authentication Level 2, a "credential").
struct Passkey {
  std::string credential_id;    // bytes, as the authenticator calls it
  std::string public_key;       // COSE_Key (RFC 9052 7), of ES256 or RS256
  std::int64_t sign_count = 0;  // as last seen; 0: the authenticator does not count

  bool operator==(const Passkey&) const = default;
};

// What a ceremony was begun with. Borrowed.
struct Ceremony {
  std::string_view challenge;  // bytes
  std::string_view origin;     // "https://signet.example.com:8443", of the page
  std::string_view rp_id;      // the host of it
};

// The passkey that a browser made (Web Authentication 7.1), without attestation. The error says
// what is wrong, for the log: another challenge, origin or relying party, nobody present, an
// algorithm that was not offered, bytes that cannot be read.
[[nodiscard]] std::expected<Passkey, std::string> read_registration(
    const Ceremony& ceremony,
    std::string_view client_data_json,
    std::string_view attestation_object);

// Whether the passkey answered the ceremony (Web Authentication 7.2): the count to keep from now
// on. A count that did not grow is an error: the key may have been copied.
[[nodiscard]] std::expected<std::int64_t, std::string> verify_assertion(
    const Passkey& passkey,
    const Ceremony& ceremony,
    std::string_view client_data_json,
    std::string_view authenticator_data,
    std::string_view signature);

}  // namespace signet::mfa
