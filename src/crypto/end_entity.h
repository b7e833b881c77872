#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "crypto/certificate.h"

// Certificates that somebody authenticates with (RFC 5280).
namespace signet::crypto {

// One attribute of a distinguished name, for instance CN and alice.
struct NamePart {
  std::string type;   // short, after RFC 4514 3; of other types their object identifier
  std::string value;  // UTF-8
};

struct EndEntity {
  std::string serial;      // decimal
  std::string serial_hex;  // lower case, two digits a byte
  std::string subject;     // RFC 4514
  std::string issuer;
  std::vector<NamePart> subject_parts;
  std::vector<NamePart> issuer_parts;
  // Subject alternative names, in their order.
  std::vector<std::string> dns_names;
  std::vector<std::string> uris;
  std::vector<NamePart> directory_name;  // of the first one
  // It is of version 3, says that it is no authority, and its key is for digital signatures.
  bool may_authenticate = false;
};

// Nothing for bytes that are no certificate, have something left over, or names that are no text.
[[nodiscard]] std::optional<EndEntity> read_end_entity(std::string_view der);

// PEM, in lines of 64 characters.
[[nodiscard]] std::string pem_of_certificate(std::string_view der);

// Whether it says that it is an authority whose key signs certificates.
[[nodiscard]] bool is_authority(const Certificate& certificate);

// Whether a text is one X.509 CRL in PEM, with white space around it at most.
[[nodiscard]] bool is_revocation_list(std::string_view pem);

enum class Trust : std::uint8_t { Trusted, Untrusted, OutOfTime, Revoked };

struct TrustQuestion {
  std::string_view leaf;                          // DER
  std::span<const std::string> chain;             // DER, that may lie between it and an anchor
  std::span<const Certificate> anchors;           // trusted, also where others issued them
  std::span<const std::string> revocation_lists;  // PEM
  Instant now;
};

struct TrustAnswer {
  Trust trust = Trust::Untrusted;
  std::string reason;  // for the operator
};

// Whether a path leads from the leaf to an anchor: signatures, names, time, basic constraints, path
// length, key usage and name constraints (RFC 5280 6), no key or digest of less than 112 bits of
// security, and nothing in it revoked. A list counts for what its issuer issued, whatever its
// nextUpdate says; one with the issuer's name and another signature makes the path untrusted.
// Takes some milliseconds.
[[nodiscard]] TrustAnswer judge_path(const TrustQuestion& question);

enum class SignatureScheme : std::uint8_t {
  RsaPkcs1,  // RSASSA-PKCS1-v1_5 (RFC 8017 8.2), keys of 2,048 to 8,192 bits
  Ecdsa,     // DER of two numbers (RFC 3279 2.2.3), keys on named curves
};

// Whether the certificate's key made the signature of the message's SHA-256. False also for a key
// that the scheme is not for.
[[nodiscard]] bool verify_with_certificate(std::string_view der,
                                           SignatureScheme scheme,
                                           std::string_view message,
                                           std::string_view signature);

}  // namespace signet::crypto
