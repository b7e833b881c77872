#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "saml/impl/xml_document.h"

namespace signet::saml {

// Bytes that a key signed, and the certificate whose key that is.
struct Verified {
  std::string bytes;  // canonical form of the element, its signature left out: a document by itself
  std::string certificate;  // DER, one of those that were given
};

// Verifies the enveloped signature of an element (SAML core 5.4): one reference to the element's
// own ID, canonicalization with or without exclusion and nothing else as transforms, RSA or ECDSA
// with SHA-256, -384 or -512, and the key of one of `certificates` (DER); keys and certificates
// that the signature brings along count for nothing. `element` lies in `doc`, which is left as it
// was. What is to be read are the bytes that come back, so that nothing else can be mistaken for
// what was signed. Nothing if the element has no such signature.
[[nodiscard]] std::optional<Verified> verify_signature(xmlDoc& doc,
                                                       xmlNode& element,
                                                       std::span<const std::string> certificates);

// Whether an element has a signature at all.
[[nodiscard]] bool has_signature(const XmlNode& element);

}  // namespace signet::saml
