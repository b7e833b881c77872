#include "saml/impl/signature.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "saml/impl/library.h"

namespace signet::saml {
namespace {

constexpr std::string_view kEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
constexpr std::array<std::string_view, 3> kCanonicalizations = {
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11"};
// AWS-DIFF: SHA-1 is refused, whatever AWS does with it, which nothing says (decision 0034;
// Responses.AreSignedWithSha2Alone).
constexpr std::array<std::string_view, 3> kDigests = {
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512"};
constexpr std::array<std::string_view, 6> kSignatures = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"};

template <std::size_t N>
bool is_one_of(std::optional<std::string_view> text,
               const std::array<std::string_view, N>& allowed) {
  return text && std::ranges::find(allowed, *text) != allowed.end();
}

// A child that must be there once; null otherwise.
const XmlNode* only(const XmlNode& parent, std::string_view name) {
  const auto found = parent.all(kSignatureSpace, name);
  return found.size() == 1 ? found.front() : nullptr;
}

bool has_algorithm(const XmlNode& parent, std::string_view name, const auto& allowed) {
  const XmlNode* child = only(parent, name);
  return child != nullptr && is_one_of(child->attribute("Algorithm"), allowed);
}

bool has_plain_transforms(const XmlNode& reference) {
  const XmlNode* transforms = only(reference, "Transforms");
  if (transforms == nullptr || transforms->children.size() > 2 || transforms->children.empty()) {
    return false;
  }
  const auto is_transform = [](const XmlNode& node) {
    return node.is(kSignatureSpace, "Transform");
  };
  return std::ranges::all_of(transforms->children, is_transform) &&
         transforms->children.front().attribute("Algorithm") == kEnveloped &&
         (transforms->children.size() == 1 ||
          is_one_of(transforms->children.back().attribute("Algorithm"), kCanonicalizations));
}

// The form of a signature that is accepted, whatever its key: of the element with that ID alone.
bool is_plain(const XmlNode& signature, std::string_view id) {
  const XmlNode* info = only(signature, "SignedInfo");
  const bool has_known_parts = std::ranges::all_of(signature.children, [](const XmlNode& child) {
    return child.is(kSignatureSpace, "SignedInfo") || child.is(kSignatureSpace, "SignatureValue") ||
           child.is(kSignatureSpace, "KeyInfo");
  });
  if (info == nullptr || !has_known_parts || only(signature, "SignatureValue") == nullptr ||
      info->children.size() != 3) {
    return false;
  }
  const XmlNode* reference = only(*info, "Reference");
  const auto uri = reference == nullptr ? std::nullopt : reference->attribute("URI");
  return uri && uri->starts_with('#') && uri->substr(1) == id &&
         has_algorithm(*info, "CanonicalizationMethod", kCanonicalizations) &&
         has_algorithm(*info, "SignatureMethod", kSignatures) &&
         has_algorithm(*reference, "DigestMethod", kDigests) && has_plain_transforms(*reference);
}

bool is_plain_id(std::string_view id) {
  return !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

const xmlChar* as_xml(const char* text) {
  return reinterpret_cast<const xmlChar*>(text);
}

std::string_view name_of(const xmlNode& node) {
  return reinterpret_cast<const char*>(node.name);
}

bool is_signature(const xmlNode& node) {
  return node.type == XML_ELEMENT_NODE && node.ns != nullptr && name_of(node) == "Signature" &&
         reinterpret_cast<const char*>(node.ns->href) == kSignatureSpace;
}

// The only signature right inside an element; null if there is none, or there are several.
xmlNode* signature_of(const xmlNode& element) {
  xmlNode* found = nullptr;
  for (xmlNode* child = element.children; child != nullptr; child = child->next) {
    if (!is_signature(*child)) {
      continue;
    }
    if (found != nullptr) {
      return nullptr;
    }
    found = child;
  }
  return found;
}

// The attribute ID of an element stands in the document's table of IDs, alone, as long as this
// lives: a reference finds this element or none.
class NamedElement {
 public:
  NamedElement(xmlDoc& doc, xmlNode& element) : doc_(doc) {
    xmlAttr* id = xmlHasNsProp(&element, as_xml("ID"), nullptr);
    if (id == nullptr || id->children == nullptr) {
      return;
    }
    const xmlChar* value = id->children->content;
    if (id->children->next == nullptr && xmlAddID(nullptr, &doc, value, id) != nullptr) {
      id_ = id;
      text_ = reinterpret_cast<const char*>(value);
    }
  }

  ~NamedElement() {
    if (id_ != nullptr) {
      xmlRemoveID(&doc_, id_);
    }
  }

  NamedElement(const NamedElement&) = delete;
  NamedElement& operator=(const NamedElement&) = delete;
  NamedElement(NamedElement&&) = delete;
  NamedElement& operator=(NamedElement&&) = delete;

  // Empty: it has none, or another element has the same.
  [[nodiscard]] std::string_view id() const { return text_; }

 private:
  xmlDoc& doc_;
  xmlAttr* id_ = nullptr;
  std::string_view text_;
};

struct ContextFreer {
  void operator()(xmlSecDSigCtx* context) const { xmlSecDSigCtxDestroy(context); }
};

using Context = std::unique_ptr<xmlSecDSigCtx, ContextFreer>;

// What is_plain() allows, once more for the library itself.
bool allow_algorithms(xmlSecDSigCtx* context) {
  for (const xmlSecTransformId id : {xmlSecTransformEnvelopedId,
                                     xmlSecTransformExclC14NId,
                                     xmlSecTransformInclC14NId,
                                     xmlSecTransformInclC14N11Id,
                                     xmlSecTransformSha256Id,
                                     xmlSecTransformSha384Id,
                                     xmlSecTransformSha512Id}) {
    if (xmlSecDSigCtxEnableReferenceTransform(context, id) < 0) {
      return false;
    }
  }
  for (const xmlSecTransformId id : {xmlSecTransformExclC14NId,
                                     xmlSecTransformInclC14NId,
                                     xmlSecTransformInclC14N11Id,
                                     xmlSecTransformRsaSha256Id,
                                     xmlSecTransformRsaSha384Id,
                                     xmlSecTransformRsaSha512Id,
                                     xmlSecTransformEcdsaSha256Id,
                                     xmlSecTransformEcdsaSha384Id,
                                     xmlSecTransformEcdsaSha512Id}) {
    if (xmlSecDSigCtxEnableSignatureTransform(context, id) < 0) {
      return false;
    }
  }
  return true;
}

// With the key of a certificate; null if it holds none that can be used.
Context context_with(const std::string& certificate) {
  Context context(xmlSecDSigCtxCreate(nullptr));
  if (context == nullptr || !allow_algorithms(context.get())) {
    return nullptr;
  }
  context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
  context->flags |=
      XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES | XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
  context->signKey =
      xmlSecCryptoAppKeyLoadMemory(reinterpret_cast<const xmlSecByte*>(certificate.data()),
                                   static_cast<xmlSecSize>(certificate.size()),
                                   xmlSecKeyDataFormatCertDer,
                                   nullptr,
                                   nullptr,
                                   nullptr);
  return context->signKey == nullptr ? nullptr : std::move(context);
}

// What the only reference of a verified signature covered.
std::optional<std::string> covered_by(xmlSecDSigCtx& context) {
  if (xmlSecPtrListGetSize(&context.signedInfoReferences) != 1) {
    return std::nullopt;
  }
  auto* reference =
      static_cast<xmlSecDSigReferenceCtx*>(xmlSecPtrListGetItem(&context.signedInfoReferences, 0));
  if (reference == nullptr || reference->status != xmlSecDSigStatusSucceeded) {
    return std::nullopt;
  }
  xmlSecBuffer* buffer = xmlSecDSigReferenceCtxGetPreDigestBuffer(reference);
  if (buffer == nullptr || xmlSecBufferGetData(buffer) == nullptr) {
    return std::nullopt;
  }
  return std::string(reinterpret_cast<const char*>(xmlSecBufferGetData(buffer)),
                     xmlSecBufferGetSize(buffer));
}

std::optional<std::string> verify_with(const std::string& certificate, xmlNode* signature) {
  const Context context = context_with(certificate);
  if (context == nullptr || xmlSecDSigCtxVerify(context.get(), signature) < 0 ||
      context->status != xmlSecDSigStatusSucceeded) {
    return std::nullopt;
  }
  return covered_by(*context);
}

// The part of the tree that a node is.
XmlNode tree_of_node(const xmlNode& node) {
  const XmlDoc alone(xmlNewDoc(as_xml("1.0")));
  xmlDocSetRootElement(alone.get(), xmlDocCopyNode(const_cast<xmlNode*>(&node), alone.get(), 1));
  return tree_of(*alone);
}

}  // namespace

std::optional<Verified> verify_signature(xmlDoc& doc,
                                         xmlNode& element,
                                         std::span<const std::string> certificates) {
  require_library();
  xmlNode* signature = signature_of(element);
  const NamedElement named(doc, element);
  if (signature == nullptr || !is_plain_id(named.id()) ||
      !is_plain(tree_of_node(*signature), named.id())) {
    return std::nullopt;
  }
  for (const std::string& certificate : certificates) {
    if (auto bytes = verify_with(certificate, signature)) {
      return Verified{.bytes = *std::move(bytes), .certificate = certificate};
    }
  }
  return std::nullopt;
}

bool has_signature(const XmlNode& element) {
  return element.find(kSignatureSpace, "Signature") != nullptr;
}

}  // namespace signet::saml
