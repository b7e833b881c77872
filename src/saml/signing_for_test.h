#pragma once

#include <string>
#include <string_view>

namespace signet::saml {

// How a test signs.
struct Signing {
  std::string_view key;                // PEM
  std::string_view id = "_assertion";  // of the element that is signed
  std::string_view method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
  std::string_view digest = "http://www.w3.org/2001/04/xmlenc#sha256";
  std::string_view canonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#";
  std::string_view more_transforms;  // Transform elements
  std::string_view uri;              // empty: # and `id`
};

// The document with an enveloped signature in the element of that ID, behind its first child.
[[nodiscard]] std::string sign(std::string_view document, const Signing& signing);

// How a test encrypts.
struct Encrypting {
  std::string_view certificate;  // base64 of the DER
  std::string_view data = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
  std::string_view transport = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
};

// An EncryptedAssertion that holds a document.
[[nodiscard]] std::string encrypt(std::string_view document, const Encrypting& encrypting);

}  // namespace signet::saml
