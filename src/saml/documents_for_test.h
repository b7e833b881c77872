#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "codec/time.h"
#include "saml/keys_for_test.h"

namespace signet::saml {

inline constexpr std::string_view kEntityId = "https://idp.example.com/saml";

inline std::string der_of(std::string_view certificate) {
  return codec::decode_base64(certificate).value();
}

// A KeyDescriptor to sign with.
inline std::string key_descriptor(std::string_view certificate,
                                  std::string_view use = R"( use="signing")") {
  return concat("<md:KeyDescriptor",
                use,
                "><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n",
                certificate,
                "\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>");
}

// An EntityDescriptor of one identity provider with those keys.
inline std::string entity(std::string_view id, std::string_view keys, std::string_view more = {}) {
  return concat(
      R"(<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" )",
      R"(xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID=")",
      id,
      "\"",
      more,
      R"(><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">)",
      keys,
      R"(<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" )",
      R"(Location="https://idp.example.com/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>)");
}

inline std::string metadata(std::string_view certificate = kIdpCertificate) {
  return entity(kEntityId, key_descriptor(certificate));
}

// What a response says; each part as XML where a test wants another.
struct ResponseText {
  Instant now = Instant::from_seconds(1'790'000'000);
  std::string id = "_assertion";
  std::string issuer = std::string(kEntityId);
  std::string status = R"(<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>)";
  std::string name_id =
      R"(<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">alice</saml:NameID>)";
  std::string attributes =
      R"(<saml:Attribute Name="team"><saml:AttributeValue>red</saml:AttributeValue>)"
      R"(<saml:AttributeValue>blue</saml:AttributeValue></saml:Attribute>)";
  std::string conditions =
      "<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience>"
      "</saml:AudienceRestriction>";
};

inline std::string assertion(const ResponseText& text) {
  const std::string now = codec::format_iso8601(text.now);
  const std::string end = codec::format_iso8601(text.now.plus_seconds(300));
  return concat(
      R"(<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID=")",
      text.id,
      R"(" IssueInstant=")",
      now,
      R"("><saml:Issuer>)",
      text.issuer,
      "</saml:Issuer><saml:Subject>",
      text.name_id,
      R"(<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">)",
      R"(<saml:SubjectConfirmationData Recipient="https://signin.aws.amazon.com/saml" NotOnOrAfter=")",
      end,
      R"("/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore=")",
      now,
      R"(" NotOnOrAfter=")",
      end,
      R"(">)",
      text.conditions,
      R"(</saml:Conditions><saml:AuthnStatement AuthnInstant=")",
      now,
      R"(" SessionNotOnOrAfter=")",
      codec::format_iso8601(text.now.plus_seconds(7200)),
      R"("/><saml:AttributeStatement>)",
      text.attributes,
      "</saml:AttributeStatement></saml:Assertion>");
}

// A Response around what is given instead of an assertion.
inline std::string response_around(std::string_view inside, const ResponseText& text = {}) {
  return concat(
      R"(<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" )",
      R"(xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID="_response" )",
      R"(Destination="https://signin.aws.amazon.com/saml" IssueInstant=")",
      codec::format_iso8601(text.now),
      R"("><saml:Issuer>)",
      text.issuer,
      "</saml:Issuer><samlp:Status>",
      text.status,
      "</samlp:Status>",
      inside,
      "</samlp:Response>");
}

}  // namespace signet::saml
