#include "saml/response.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "saml/impl/assertion_reader.h"
#include "saml/impl/decryption.h"
#include "saml/impl/signature.h"
#include "saml/impl/xml_document.h"

namespace signet::saml {
namespace {

constexpr XmlBounds kBounds{.bytes = kResponseBytesMax, .depth = 40, .elements = 5'000};
// Canonical form writes namespaces out.
constexpr XmlBounds kCanonicalBounds{
    .bytes = 4 * kResponseBytesMax, .depth = 40, .elements = 5'000};
constexpr std::string_view kSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success";

using Fault = std::unexpected<ResponseError>;

Fault fault(ResponseFault what, std::string detail) {
  return Fault({.fault = what, .detail = std::move(detail)});
}

// The child of an element in the library's own tree, of that name, of which there must be one.
xmlNode* only_child(xmlNode& parent, std::string_view name) {
  xmlNode* found = nullptr;
  for (xmlNode* child = parent.children; child != nullptr; child = child->next) {
    const bool is_named = child->type == XML_ELEMENT_NODE && child->ns != nullptr &&
                          reinterpret_cast<const char*>(child->name) == name &&
                          reinterpret_cast<const char*>(child->ns->href) == kAssertionSpace;
    if (!is_named) {
      continue;
    }
    if (found != nullptr) {
      return nullptr;
    }
    found = child;
  }
  return found;
}

const Issuer* find_issuer(const Trust& trust, const XmlNode& element) {
  const XmlNode* issuer = element.find(kAssertionSpace, "Issuer");
  if (issuer == nullptr) {
    return nullptr;
  }
  const auto found =
      std::ranges::find(trust.issuers, trimmed(issuer->text, kWhiteSpace), &Issuer::entity_id);
  return found == trust.issuers.end() ? nullptr : &*found;
}

// An element that was verified, or is to be.
struct Part {
  XmlDoc doc;
  XmlNode tree;
  std::string certificate;  // empty: nobody signed it

  [[nodiscard]] xmlNode& root() const { return *xmlDocGetRootElement(doc.get()); }
};

std::optional<Part> parse_part(std::string_view bytes, const XmlBounds& bounds) {
  Part part{.doc = parse_document(bytes, bounds), .tree = {}, .certificate = {}};
  if (part.doc == nullptr) {
    return std::nullopt;
  }
  part.tree = tree_of(*part.doc);
  return part;
}

// What was signed of an element, read anew. Nothing if the signature is wrong.
std::optional<Part> verified(xmlDoc& doc, xmlNode& element, const Issuer& issuer) {
  auto signed_bytes = verify_signature(doc, element, issuer.certificates);
  if (!signed_bytes) {
    return std::nullopt;
  }
  auto part = parse_part(signed_bytes->bytes, kCanonicalBounds);
  if (part) {
    part->certificate = std::move(signed_bytes->certificate);
  }
  return part;
}

std::string status_of(const XmlNode& response) {
  const XmlNode* status = response.find(kProtocolSpace, "Status");
  const XmlNode* code = status == nullptr ? nullptr : status->find(kProtocolSpace, "StatusCode");
  if (code == nullptr) {
    return "no status";
  }
  if (code->attribute("Value") == kSuccess) {
    return {};
  }
  std::string text(code->attribute("Value").value_or(""));
  if (const XmlNode* inner = code->find(kProtocolSpace, "StatusCode")) {
    text = inner->attribute("Value").value_or("");
  }
  const XmlNode* message = status->find(kProtocolSpace, "StatusMessage");
  return message == nullptr ? text : concat(text, ": ", trimmed(message->text, kWhiteSpace));
}

class Reader {
 public:
  explicit Reader(const Trust& trust) : trust_(trust) {}

  std::expected<Assertion, ResponseError> read(std::string_view document) {
    auto whole = parse_part(document, kBounds);
    if (!whole || !whole->tree.is(kProtocolSpace, "Response") ||
        whole->tree.attribute("Version") != "2.0") {
      return fault(ResponseFault::Malformed, "no Response of SAML 2.0");
    }
    if (std::string status = status_of(whole->tree); !status.empty()) {
      return fault(ResponseFault::Rejected, std::move(status));
    }
    response_ = *std::move(whole);
    if (has_signature(response_.tree)) {
      return read_signed();
    }
    return read_inside(response_);
  }

 private:
  // The response is signed: what is read is what was signed.
  std::expected<Assertion, ResponseError> read_signed() {
    const Issuer* issuer = find_issuer(trust_, response_.tree);
    if (issuer == nullptr) {
      return fault(ResponseFault::UnknownIssuer, "the response's Issuer is not in the metadata");
    }
    const auto part = verified(*response_.doc, response_.root(), *issuer);
    if (!part || !part->tree.is(kProtocolSpace, "Response")) {
      return fault(ResponseFault::WrongSignature, "the response's signature");
    }
    return read_inside(*part);
  }

  // `part` is the response, as it came or as it was signed.
  std::expected<Assertion, ResponseError> read_inside(const Part& part) {
    const auto plain = part.tree.all(kAssertionSpace, "Assertion");
    const auto encrypted = part.tree.all(kAssertionSpace, "EncryptedAssertion");
    if (plain.size() + encrypted.size() != 1) {
      return fault(ResponseFault::Malformed, "there must be one assertion");
    }
    if (!encrypted.empty()) {
      return read_encrypted(part);
    }
    if (trust_.must_be_encrypted) {
      return fault(ResponseFault::NotEncrypted, "the provider demands encrypted assertions");
    }
    // An inner signature is of the document as it came: canonical form has dropped declarations
    // that it may have covered.
    xmlNode* element = only_child(response_.root(), "Assertion");
    if (element == nullptr) {
      return fault(ResponseFault::Malformed, "there must be one assertion");
    }
    return read_assertion(*response_.doc, *element, *plain.front(), part);
  }

  std::expected<Assertion, ResponseError> read_encrypted(const Part& part) {
    xmlNode* element = only_child(part.root(), "EncryptedAssertion");
    std::optional<Part> opened;
    for (const Secret* key : trust_.private_keys) {
      const auto bytes = decrypt(*element, *key);
      if (opened = bytes ? parse_part(*bytes, kBounds) : std::nullopt; opened) {
        break;
      }
    }
    // One answer whatever is wrong: it must not help anybody to decrypt what is not his.
    const Fault undecryptable = fault(ResponseFault::Undecryptable, "the encrypted assertion");
    if (!opened || !opened->tree.is(kAssertionSpace, "Assertion")) {
      return undecryptable;
    }
    auto assertion = read_assertion(*opened->doc, opened->root(), opened->tree, part);
    if (!assertion) {
      return undecryptable;
    }
    assertion->was_encrypted = true;
    return assertion;
  }

  // `element` is the assertion in its document, `tree` what it says; both are believed if `part`,
  // the response around it, was signed, and otherwise only as far as a signature of its own goes.
  std::expected<Assertion, ResponseError> read_assertion(xmlDoc& doc,
                                                         xmlNode& element,
                                                         const XmlNode& tree,
                                                         const Part& part) {
    const Issuer* issuer = find_issuer(trust_, tree);
    if (issuer == nullptr) {
      return fault(ResponseFault::UnknownIssuer, "the assertion's Issuer is not in the metadata");
    }
    std::optional<Part> own;
    if (has_signature(tree)) {
      own = verified(doc, element, *issuer);
      if (!own || !own->tree.is(kAssertionSpace, "Assertion")) {
        return fault(ResponseFault::WrongSignature, "the assertion's signature");
      }
    } else if (part.certificate.empty()) {
      return fault(ResponseFault::WrongSignature, "nothing is signed");
    }
    return judge(own ? *own : part, own ? own->tree : tree, *issuer, part);
  }

  std::expected<Assertion, ResponseError> judge(const Part& signer,
                                                const XmlNode& tree,
                                                const Issuer& issuer,
                                                const Part& part) {
    // What was signed names its issuer, and the response around it no other.
    const XmlNode* outer = part.tree.find(kAssertionSpace, "Issuer");
    if (find_issuer(trust_, tree) != &issuer ||
        (outer != nullptr && trimmed(outer->text, kWhiteSpace) != issuer.entity_id)) {
      return fault(ResponseFault::UnknownIssuer, "response and assertion name two issuers");
    }
    auto assertion = assertion_of(tree);
    if (!assertion) {
      return fault(ResponseFault::Malformed, "the assertion");
    }
    assertion->certificate = signer.certificate;
    assertion->destination = part.tree.attribute("Destination").value_or("");
    assertion->in_response_to = part.tree.attribute("InResponseTo").value_or("");
    return *std::move(assertion);
  }

  const Trust& trust_;
  Part response_;
};

}  // namespace

std::expected<Assertion, ResponseError> read_response(std::string_view document,
                                                      const Trust& trust) {
  return Reader(trust).read(document);
}

}  // namespace signet::saml
