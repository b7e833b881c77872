#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::codec {

// An element of a small XML document, as plain data. Namespaces: prefixes are cut off names,
// attributes are dropped but for xsi:type.
struct XmlElement {
  std::string name;
  std::string text;  // character data directly inside, entities resolved, in one piece
  std::vector<XmlElement> children;
  std::string type = {};  // the attribute xsi:type (XML Schema instance), under whatever prefix

  // First child of that name; null if absent.
  [[nodiscard]] const XmlElement* find(std::string_view child) const;
  // Text of the first child of that name; nothing if absent.
  [[nodiscard]] std::optional<std::string_view> text_of(std::string_view child) const;
};

// Bounds of what is read; a document beyond them is malformed.
struct XmlLimits {
  std::size_t bytes = 1024 * 1024;
  std::size_t depth = 16;
  std::size_t elements = 20'000;
};

// Reads a UTF-8 document of elements and text: no document type, hence no entities but the five
// built-in ones and character references, nothing fetched, nothing expanded. Nothing if malformed
// or beyond the limits.
[[nodiscard]] std::optional<XmlElement> read_xml(std::string_view document,
                                                 const XmlLimits& limits = {});

}  // namespace signet::codec
