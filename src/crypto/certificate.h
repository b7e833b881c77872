#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/secret.h"

namespace signet::crypto {

// What is looked at of an X.509 certificate (RFC 5280).
struct Certificate {
  std::string der;                    // all of its bytes
  std::array<std::uint8_t, 20> sha1;  // of them: what certificates are known by
  Instant not_before;                 // valid from then
  Instant not_after;                  // and still valid then

  [[nodiscard]] bool is_valid_at(Instant now) const {
    return not_before <= now && now <= not_after;
  }
};

// The certificates of a PEM text (RFC 7468 5), at least one and at most `max`: their blocks with
// white space around and between them, and nothing else. Nothing when anything in it cannot be
// read, is not DER, or has bytes left over.
[[nodiscard]] std::optional<std::vector<Certificate>> certificates_of_pem(std::string_view text,
                                                                          std::size_t max);

enum class KeyMatch : std::uint8_t {
  Same,       // it signs what the certificate's key verifies
  Other,      // it is another certificate's
  Unreadable  // it is encrypted, neither RSA (up to 8,192 bits) nor on a named curve, or no key
};

// Whether a private key belongs to a certificate. `pem` is one block, PKCS #8, PKCS #1 or SEC 1,
// with white space around it. Takes some milliseconds: one signature is made.
[[nodiscard]] KeyMatch match_private_key(const Certificate& certificate, const Secret& pem);

// Looks whether each certificate was issued by the one that follows it, may issue others unless it
// is the first, and is valid now. Who issued the last one is nobody's question. Nothing when all is
// well, also when there is only one; otherwise the place of the first at fault from the end, or -1
// when the last one does not even claim to have issued the one before it.
[[nodiscard]] std::optional<int> find_chain_fault(std::span<const Certificate> chain, Instant now);

}  // namespace signet::crypto
