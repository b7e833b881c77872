#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include <libxml/tree.h>

#include "saml/impl/tree.h"

namespace signet::saml {

// Bounds of what is read; a document beyond them is malformed.
struct XmlBounds {
  std::size_t bytes = 128 * 1024;
  std::size_t depth = 40;
  std::size_t elements = 10'000;
};

struct XmlDocFreer {
  void operator()(xmlDoc* doc) const { xmlFreeDoc(doc); }
};

using XmlDoc = std::unique_ptr<xmlDoc, XmlDocFreer>;

// A well-formed document in UTF-8, of elements and text: a document type, a processing instruction,
// an undeclared prefix and two attributes ID with one value are refused. Comments are left out, and
// text around them is one piece. Null for anything else.
[[nodiscard]] XmlDoc parse_document(std::string_view bytes, const XmlBounds& bounds);

// The document as plain data.
[[nodiscard]] XmlNode tree_of(const xmlDoc& doc);

// Both.
[[nodiscard]] std::optional<XmlNode> parse_tree(std::string_view bytes, const XmlBounds& bounds);

}  // namespace signet::saml
