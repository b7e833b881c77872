#include "saml/impl/xml_document.h"

#include <set>
#include <string>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/strings.h"
#include "saml/impl/library.h"

namespace signet::saml {
namespace {

std::string_view as_view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

struct ContextFreer {
  void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};

// Ends the reading of a document that holds what it must not.
void refuse(void* context) {
  auto* parser = static_cast<xmlParserCtxt*>(context);
  *static_cast<bool*>(parser->_private) = true;
  xmlStopParser(parser);
}

void refuse_document_type(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  refuse(context);
}

void refuse_instruction(void* context, const xmlChar*, const xmlChar*) {
  refuse(context);
}

void refuse_reference(void* context, const xmlChar*) {
  refuse(context);
}

void only_elements_and_text(xmlSAXHandler& handler) {
  handler.internalSubset = refuse_document_type;
  handler.externalSubset = refuse_document_type;
  handler.processingInstruction = refuse_instruction;
  handler.reference = refuse_reference;  // of entities that are declared; the five are text
  handler.comment = nullptr;
}

// Walks a document within its bounds.
class Walk {
 public:
  explicit Walk(const XmlBounds& bounds) : bounds_(bounds) {}

  bool element(const xmlNode* node, std::size_t depth) {
    elements_ += 1;
    if (depth > bounds_.depth || elements_ > bounds_.elements || !has_fresh_ids(node)) {
      return false;
    }
    for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
      const bool is_text = child->type == XML_TEXT_NODE;
      if (!is_text && (child->type != XML_ELEMENT_NODE || !element(child, depth + 1))) {
        return false;
      }
    }
    return true;
  }

 private:
  // A signature names what it signs by such a value: two elements must not have the same.
  bool has_fresh_ids(const xmlNode* node) {
    for (const xmlAttr* attribute = node->properties; attribute != nullptr;
         attribute = attribute->next) {
      const std::string_view name = as_view(attribute->name);
      if (name != "ID" && name != "Id" && name != "id") {
        continue;
      }
      const xmlNode* value = attribute->children;
      if (!ids_.emplace(value == nullptr ? std::string_view() : as_view(value->content)).second) {
        return false;
      }
    }
    return true;
  }

  const XmlBounds& bounds_;
  std::size_t elements_ = 0;
  std::set<std::string, std::less<>> ids_;
};

void add_attributes(const xmlNode* from, XmlNode& to) {
  for (const xmlAttr* attribute = from->properties; attribute != nullptr;
       attribute = attribute->next) {
    if (attribute->ns != nullptr) {
      continue;
    }
    std::string value;
    for (const xmlNode* piece = attribute->children; piece != nullptr; piece = piece->next) {
      value += as_view(piece->content);
    }
    to.attributes.push_back({.name = std::string(as_view(attribute->name)), .value = value});
  }
}

void copy(const xmlNode* from, XmlNode& to) {
  to.space = from->ns == nullptr ? std::string_view() : as_view(from->ns->href);
  to.name = as_view(from->name);
  add_attributes(from, to);
  for (const xmlNode* child = from->children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE) {
      copy(child, to.children.emplace_back());
    } else {
      to.text += as_view(child->content);
    }
  }
}

}  // namespace

XmlDoc parse_document(std::string_view bytes, const XmlBounds& bounds) {
  require_library();
  if (bytes.empty() || bytes.size() > bounds.bytes || !is_utf8(bytes)) {
    return nullptr;
  }
  const std::unique_ptr<xmlParserCtxt, ContextFreer> context(xmlNewParserCtxt());
  if (context == nullptr) {
    return nullptr;
  }
  bool is_refused = false;
  context->_private = &is_refused;
  only_elements_and_text(*context->sax);
  XmlDoc doc(xmlCtxtReadMemory(
      context.get(),
      bytes.data(),
      static_cast<int>(bytes.size()),
      nullptr,
      "UTF-8",
      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA));
  if (doc == nullptr || is_refused || context->nsWellFormed == 0 || doc->intSubset != nullptr) {
    return nullptr;
  }
  const xmlNode* root = xmlDocGetRootElement(doc.get());
  if (root == nullptr || !Walk(bounds).element(root, 1)) {
    return nullptr;
  }
  return doc;
}

XmlNode tree_of(const xmlDoc& doc) {
  XmlNode root;
  for (const xmlNode* node = doc.children; node != nullptr; node = node->next) {
    if (node->type == XML_ELEMENT_NODE) {
      copy(node, root);
    }
  }
  return root;
}

std::optional<XmlNode> parse_tree(std::string_view bytes, const XmlBounds& bounds) {
  const XmlDoc doc = parse_document(bytes, bounds);
  return doc == nullptr ? std::nullopt : std::optional(tree_of(*doc));
}

}  // namespace signet::saml
