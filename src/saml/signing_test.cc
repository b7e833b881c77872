#include <memory>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmlsec.h>

#include "base/assertion.h"
#include "base/strings.h"
#include "saml/documents_for_test.h"
#include "saml/impl/library.h"
#include "saml/impl/xml_document.h"
#include "saml/signing_for_test.h"

namespace signet::saml {
namespace {

const xmlChar* as_xml(const char* text) {
  return reinterpret_cast<const xmlChar*>(text);
}

XmlDoc parse(const std::string& text) {
  XmlDoc doc(xmlReadMemory(
      text.data(), static_cast<int>(text.size()), nullptr, nullptr, XML_PARSE_NOERROR));
  SIGNET_ASSERT(doc != nullptr);
  return doc;
}

std::string dump(xmlDoc& doc) {
  xmlChar* bytes = nullptr;
  int size = 0;
  xmlDocDumpMemory(&doc, &bytes, &size);
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  xmlFree(bytes);
  return text;
}

xmlNode* find_id(xmlNode* node, std::string_view id) {
  for (; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) {
      continue;
    }
    xmlChar* value = xmlGetNoNsProp(node, as_xml("ID"));
    const bool is_it = value != nullptr && reinterpret_cast<const char*>(value) == id;
    xmlFree(value);
    if (is_it) {
      return node;
    }
    if (xmlNode* below = find_id(node->children, id); below != nullptr) {
      return below;
    }
  }
  return nullptr;
}

xmlNode* find_signature(xmlNode* element) {
  for (xmlNode* child = element->children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE &&
        std::string_view(reinterpret_cast<const char*>(child->name)) == "Signature") {
      return child;
    }
  }
  return nullptr;
}

std::string signature_template(const Signing& how) {
  const std::string uri = how.uri.empty() ? concat("#", how.id) : std::string(how.uri);
  return concat(R"(<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>)",
                R"(<ds:CanonicalizationMethod Algorithm=")",
                how.canonicalization,
                R"("/><ds:SignatureMethod Algorithm=")",
                how.method,
                R"("/><ds:Reference URI=")",
                uri,
                R"("><ds:Transforms><ds:Transform )",
                R"(Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)",
                R"(<ds:Transform Algorithm=")",
                how.canonicalization,
                R"("/>)",
                how.more_transforms,
                R"(</ds:Transforms><ds:DigestMethod Algorithm=")",
                how.digest,
                R"("/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>)",
                "</ds:Signature>");
}

xmlSecKey* load(std::string_view bytes, xmlSecKeyDataFormat format) {
  return xmlSecCryptoAppKeyLoadMemory(reinterpret_cast<const xmlSecByte*>(bytes.data()),
                                      static_cast<xmlSecSize>(bytes.size()),
                                      format,
                                      nullptr,
                                      nullptr,
                                      nullptr);
}

// Puts XML as the second child of an element.
void insert(xmlDoc& doc, xmlNode& element, const std::string& xml) {
  xmlNode* first = element.children;
  const XmlDoc piece = parse(xml);
  xmlNode* copy = xmlDocCopyNode(xmlDocGetRootElement(piece.get()), &doc, 1);
  if (first == nullptr) {
    xmlAddChild(&element, copy);
  } else {
    xmlAddNextSibling(first, copy);
  }
}

}  // namespace

std::string sign(std::string_view document, const Signing& signing) {
  require_library();
  const XmlDoc doc = parse(std::string(document));
  xmlNode* element = find_id(xmlDocGetRootElement(doc.get()), signing.id);
  SIGNET_ASSERT(element != nullptr);
  insert(*doc, *element, signature_template(signing));
  xmlAttr* id = xmlHasProp(element, as_xml("ID"));
  xmlAddID(nullptr, doc.get(), id->children->content, id);
  xmlSecDSigCtx* context = xmlSecDSigCtxCreate(nullptr);
  context->signKey = load(signing.key, xmlSecKeyDataFormatPem);
  SIGNET_ASSERT(context->signKey != nullptr);
  SIGNET_ASSERT(xmlSecDSigCtxSign(context, find_signature(element)) == 0);
  xmlSecDSigCtxDestroy(context);
  return dump(*doc);
}

std::string encrypt(std::string_view document, const Encrypting& encrypting) {
  require_library();
  const XmlDoc doc = parse(concat(
      R"(<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">)",
      R"(<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" )",
      R"(Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm=")",
      encrypting.data,
      R"("/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>)",
      R"(<xenc:EncryptionMethod Algorithm=")",
      encrypting.transport,
      R"("/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey>)",
      "</ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData>",
      "</xenc:EncryptedData></saml:EncryptedAssertion>"));
  xmlSecKeysMngr* keys = xmlSecKeysMngrCreate();
  SIGNET_ASSERT(xmlSecCryptoAppDefaultKeysMngrInit(keys) == 0);
  xmlSecKey* key = load(der_of(encrypting.certificate), xmlSecKeyDataFormatCertDer);
  SIGNET_ASSERT(key != nullptr && xmlSecCryptoAppDefaultKeysMngrAdoptKey(keys, key) == 0);
  xmlSecEncCtx* context = xmlSecEncCtxCreate(keys);
  const bool is_long = encrypting.data.find("aes256") != std::string_view::npos;
  context->encKey =
      xmlSecKeyGenerate(xmlSecKeyDataAesId, is_long ? 256 : 128, xmlSecKeyDataTypeSession);
  xmlNode* data = xmlDocGetRootElement(doc.get())->children;
  SIGNET_ASSERT(xmlSecEncCtxBinaryEncrypt(context,
                                          data,
                                          reinterpret_cast<const xmlSecByte*>(document.data()),
                                          static_cast<xmlSecSize>(document.size())) == 0);
  xmlSecEncCtxDestroy(context);
  xmlSecKeysMngrDestroy(keys);
  std::string text = dump(*doc);
  return text.substr(text.find("<saml:EncryptedAssertion"));
}

}  // namespace signet::saml
