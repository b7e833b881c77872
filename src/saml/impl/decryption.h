#pragma once

#include <optional>
#include <string>

#include "base/secret.h"
#include "saml/impl/xml_document.h"

namespace signet::saml {

// What is in an EncryptedAssertion (SAML core 2.3.4): a content key that RSA-OAEP hands over, and
// AES with 128 or 256 bits, GCM or CBC. `key` is an RSA private key (PEM). Nothing for all else,
// whatever is wrong: callers must not tell which (decision 0034).
[[nodiscard]] std::optional<std::string> decrypt(xmlNode& encrypted_assertion, const Secret& key);

}  // namespace signet::saml
