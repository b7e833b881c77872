#include "saml/metadata.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/time.h"
#include "crypto/certificate_key.h"
#include "crypto/sha256.h"
#include "saml/impl/xml_document.h"

namespace signet::saml {
namespace {

constexpr XmlBounds kBounds{.bytes = kMetadataBytesMax, .depth = 40, .elements = 200'000};
constexpr std::size_t kShortestRsaKey = 1024;
constexpr std::string_view kSaml2 = "urn:oasis:names:tc:SAML:2.0:protocol";

using Fault = std::unexpected<MetadataFault>;

class Reader {
 public:
  std::expected<Metadata, MetadataFault> read(const XmlNode& root) {
    const auto done = group(root);
    if (!done) {
      return Fault(done.error());
    }
    if (metadata_.issuers.empty()) {
      return Fault(MetadataFault::NoIssuer);
    }
    return std::move(metadata_);
  }

 private:
  using Done = std::expected<void, MetadataFault>;

  // An entity, or a group of groups and entities.
  Done group(const XmlNode& node) {
    if (node.is(kMetadataSpace, "EntityDescriptor")) {
      return entity(node);
    }
    if (const Done done = ends(node); !done) {
      return done;
    }
    for (const XmlNode& child : node.children) {
      const bool is_member = child.is(kMetadataSpace, "EntityDescriptor") ||
                             child.is(kMetadataSpace, "EntitiesDescriptor");
      if (!is_member) {
        continue;
      }
      if (const Done done = group(child); !done) {
        return done;
      }
    }
    return {};
  }

  Done ends(const XmlNode& node) {
    const auto text = node.attribute("validUntil");
    if (!text) {
      return {};
    }
    const auto end = codec::parse_iso8601(trimmed(*text, kWhiteSpace));
    if (!end) {
      return Fault(MetadataFault::BadTime);
    }
    metadata_.valid_until = std::min(metadata_.valid_until.value_or(*end), *end);
    return {};
  }

  Done entity(const XmlNode& node) {
    Issuer issuer;
    for (const XmlNode* role : node.all(kMetadataSpace, "IDPSSODescriptor")) {
      const auto protocols = role->attribute("protocolSupportEnumeration").value_or("");
      if (!names(protocols, kSaml2)) {
        continue;
      }
      if (const Done done = ends(*role); !done) {
        return done;
      }
      if (const Done done = keys(*role, issuer); !done) {
        return done;
      }
      if (issuer.certificates.empty()) {
        return Fault(MetadataFault::NoKey);
      }
    }
    if (issuer.certificates.empty()) {
      return {};  // no identity provider
    }
    issuer.entity_id = std::string(node.attribute("entityID").value_or(""));
    if (issuer.entity_id.empty()) {
      return Fault(MetadataFault::NoEntityId);
    }
    const bool is_known = std::ranges::any_of(metadata_.issuers, [&](const Issuer& other) {
      return other.entity_id == issuer.entity_id;
    });
    if (is_known) {
      return Fault(MetadataFault::SameEntityId);
    }
    metadata_.issuers.push_back(std::move(issuer));
    return ends(node);
  }

  // A list of words names one.
  static bool names(std::string_view list, std::string_view word) {
    while (!list.empty()) {
      const std::size_t end = list.find_first_of(" \t\r\n");
      if (list.substr(0, end) == word) {
        return true;
      }
      list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
    }
    return false;
  }

  // Those to sign with; a KeyDescriptor without a use is for all uses (2.4.1.1).
  static Done keys(const XmlNode& role, Issuer& issuer) {
    for (const XmlNode* key : role.all(kMetadataSpace, "KeyDescriptor")) {
      const XmlNode* info = key->find(kSignatureSpace, "KeyInfo");
      if (key->attribute("use").value_or("signing") != "signing" || info == nullptr) {
        continue;
      }
      for (const XmlNode* data : info->all(kSignatureSpace, "X509Data")) {
        for (const XmlNode* certificate : data->all(kSignatureSpace, "X509Certificate")) {
          if (const Done done = add(*certificate, issuer); !done) {
            return done;
          }
        }
      }
    }
    return {};
  }

  static Done add(const XmlNode& node, Issuer& issuer) {
    auto der = codec::decode_base64(without_space(node.text));
    const auto key = der ? crypto::key_of_certificate(*der) : std::nullopt;
    if (!key || key->kind == crypto::CertificateKey::Kind::Other) {
      return Fault(MetadataFault::BadCertificate);
    }
    if (key->kind == crypto::CertificateKey::Kind::Rsa && key->bits < kShortestRsaKey) {
      return Fault(MetadataFault::ShortKey);
    }
    if (std::ranges::find(issuer.certificates, *der) == issuer.certificates.end()) {
      issuer.certificates.push_back(*std::move(der));
    }
    return {};
  }

  Metadata metadata_;
};

}  // namespace

std::string_view describe(MetadataFault fault) {
  switch (fault) {
    case MetadataFault::NotXml:
      return "the document is not well-formed XML in UTF-8 without document type and instructions";
    case MetadataFault::NotMetadata:
      return "its root is neither an EntityDescriptor nor an EntitiesDescriptor of SAML metadata";
    case MetadataFault::NoIssuer:
      return "no entity has an IDPSSODescriptor for SAML 2.0";
    case MetadataFault::NoEntityId:
      return "an identity provider has no entityID";
    case MetadataFault::SameEntityId:
      return "two identity providers have the same entityID";
    case MetadataFault::NoKey:
      return "an identity provider has no X509Certificate to sign with";
    case MetadataFault::BadCertificate:
      return "an X509Certificate cannot be read, or its key is neither RSA nor elliptic";
    case MetadataFault::ShortKey:
      return "an RSA key has less than 1024 bits";
    case MetadataFault::BadTime:
      break;
  }
  return "a validUntil is no time";
}

std::expected<Metadata, MetadataFault> read_metadata(std::string_view document) {
  const std::optional<XmlNode> root = parse_tree(document, kBounds);
  if (!root) {
    return Fault(MetadataFault::NotXml);
  }
  if (!root->is(kMetadataSpace, "EntityDescriptor") &&
      !root->is(kMetadataSpace, "EntitiesDescriptor")) {
    return Fault(MetadataFault::NotMetadata);
  }
  return Reader().read(*root);
}

std::optional<std::string> key_hash(std::string_view certificate) {
  const auto key = crypto::key_of_certificate(certificate);
  if (!key) {
    return std::nullopt;
  }
  std::string digits;
  codec::append_hex(digits, crypto::sha256(key->der));
  return digits;
}

}  // namespace signet::saml
