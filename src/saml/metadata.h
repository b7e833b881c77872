#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"

namespace signet::saml {

// Somebody who vouches for others: what it calls itself in Issuer, and the certificates (DER) of
// the keys that it signs with, each once.
struct Issuer {
  std::string entity_id;
  std::vector<std::string> certificates;

  bool operator==(const Issuer&) const = default;
};

// What a metadata document says of identity providers (SAML metadata 2.3, 2.4.3).
struct Metadata {
  std::vector<Issuer> issuers;         // at least one, each with a key
  std::optional<Instant> valid_until;  // the earliest that applies; nothing: no end is said
};

// What is wrong with a document, for people.
enum class MetadataFault : std::uint8_t {
  NotXml,          // or not UTF-8, with a document type or an instruction, or too deep
  NotMetadata,     // its root is neither an EntityDescriptor nor an EntitiesDescriptor
  NoIssuer,        // no entity in it is an identity provider of SAML 2.0
  NoEntityId,      // of an identity provider
  SameEntityId,    // of two identity providers
  NoKey,           // an identity provider without a certificate to sign with
  BadCertificate,  // one that cannot be read, or whose key is neither RSA nor elliptic
  ShortKey,        // an RSA key of less than 1,024 bits
  BadTime,         // a validUntil that is no time
};

[[nodiscard]] std::string_view describe(MetadataFault fault);

// How a key that signs is told from others: SHA-256 of the public key as its certificate (DER) has
// it, in hexadecimal digits; AWS does not say what it hashes. Nothing for what is no certificate.
[[nodiscard]] std::optional<std::string> key_hash(std::string_view certificate);

// Longest document that is read.
inline constexpr std::size_t kMetadataBytesMax = 10'000'000;

// Reads the metadata of one identity provider, or of several. Pure.
[[nodiscard]] std::expected<Metadata, MetadataFault> read_metadata(std::string_view document);

}  // namespace signet::saml
