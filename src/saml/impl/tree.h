#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::saml {

// Namespaces that are read.
inline constexpr std::string_view kAssertionSpace = "urn:oasis:names:tc:SAML:2.0:assertion";
inline constexpr std::string_view kProtocolSpace = "urn:oasis:names:tc:SAML:2.0:protocol";
inline constexpr std::string_view kMetadataSpace = "urn:oasis:names:tc:SAML:2.0:metadata";
inline constexpr std::string_view kSignatureSpace = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view kEncryptionSpace = "http://www.w3.org/2001/04/xmlenc#";

// An attribute without a namespace.
struct XmlAttribute {
  std::string name;
  std::string value;
};

// An element of a document as plain data.
struct XmlNode {
  std::string space;
  std::string name;
  std::vector<XmlAttribute> attributes;
  std::string text;  // character data directly inside, in one piece
  std::vector<XmlNode> children;

  [[nodiscard]] bool is(std::string_view in_space, std::string_view with_name) const {
    return space == in_space && name == with_name;
  }

  // The value of an attribute; nothing if absent.
  [[nodiscard]] std::optional<std::string_view> attribute(std::string_view with_name) const {
    for (const XmlAttribute& one : attributes) {
      if (one.name == with_name) {
        return one.value;
      }
    }
    return std::nullopt;
  }

  // The first child of that name; null if absent.
  [[nodiscard]] const XmlNode* find(std::string_view in_space, std::string_view with_name) const {
    for (const XmlNode& child : children) {
      if (child.is(in_space, with_name)) {
        return &child;
      }
    }
    return nullptr;
  }

  // Its children of that name.
  [[nodiscard]] std::vector<const XmlNode*> all(std::string_view in_space,
                                                std::string_view with_name) const {
    std::vector<const XmlNode*> found;
    for (const XmlNode& child : children) {
      if (child.is(in_space, with_name)) {
        found.push_back(&child);
      }
    }
    return found;
  }
};

// All character data in an element, that of its children behind its own.
[[nodiscard]] inline std::string full_text(const XmlNode& node) {
  std::string text = node.text;
  for (const XmlNode& child : node.children) {
    text += full_text(child);
  }
  return text;
}

// Text without any white space: base64 is wrapped.
[[nodiscard]] inline std::string without_space(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      out += c;
    }
  }
  return out;
}

}  // namespace signet::saml
