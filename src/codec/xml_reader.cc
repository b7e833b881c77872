#include "codec/xml_reader.h"

#include <charconv>
#include <cstdint>
#include <system_error>

#include <pugixml.hpp>

#include "base/strings.h"

namespace signet::codec {
namespace {

// White space is kept (object keys may be blanks); doctypes and declarations are parsed so that
// they can be judged.
constexpr unsigned kParseOptions = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                   pugi::parse_ws_pcdata | pugi::parse_doctype |
                                   pugi::parse_declaration;

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// xsi:type; a plain "type" is another attribute.
bool is_type(std::string_view attribute) {
  return attribute.contains(':') && !attribute.starts_with("xmlns:") &&
         without_prefix(attribute) == "type";
}

// The digits of &#N; or &#xN;, for a character XML can carry. NUL above all: it would cut the text
// short.
bool is_character_reference(std::string_view digits) {
  const bool is_hex = !digits.empty() && digits.front() == 'x';
  if (is_hex) {
    digits.remove_prefix(1);
  }
  std::uint32_t code = 0;
  const auto [end, fault] =
      std::from_chars(digits.data(), digits.data() + digits.size(), code, is_hex ? 16 : 10);
  const bool is_number = fault == std::errc() && end == digits.data() + digits.size();
  return is_number && code != 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

// pugixml leaves references it does not know as they are, so the source is looked at first. (This
// refuses an '&' in CDATA that is no reference, which no client of ours sends.)
bool has_only_known_references(std::string_view text) {
  for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
    const std::string_view rest = text.substr(at + 1, 10);
    const std::string_view name = rest.substr(0, rest.find(';'));
    const bool is_known = name == "amp" || name == "lt" || name == "gt" || name == "quot" ||
                          name == "apos" ||
                          (name.starts_with('#') && is_character_reference(name.substr(1)));
    if (!is_known || name.size() == rest.size()) {
      return false;
    }
  }
  return true;
}

class Copier {
 public:
  explicit Copier(const XmlLimits& limits) : limits_(limits) {}

  // False when a bound is passed or a node is of a kind that has no place here.
  bool copy(const pugi::xml_node& from, XmlElement& to, std::size_t depth) {
    elements_ += 1;
    if (depth > limits_.depth || elements_ > limits_.elements) {
      return false;
    }
    to.name = without_prefix(from.name());
    for (const pugi::xml_attribute& attribute : from.attributes()) {
      if (is_type(attribute.name())) {
        to.type = attribute.value();
      }
    }
    for (const pugi::xml_node& child : from.children()) {
      if (!take_child(child, to, depth)) {
        return false;
      }
    }
    return true;
  }

 private:
  bool take_child(const pugi::xml_node& child, XmlElement& to, std::size_t depth) {
    switch (child.type()) {
      case pugi::node_element:
        return copy(child, to.children.emplace_back(), depth + 1);
      case pugi::node_pcdata:
      case pugi::node_cdata:
        to.text.append(child.value());
        return true;
      default:
        return false;
    }
  }

  const XmlLimits& limits_;
  std::size_t elements_ = 0;
};

// The only element of the document; an empty node if there is a document type or more than one.
pugi::xml_node root_of(const pugi::xml_document& document) {
  pugi::xml_node root;
  for (const pugi::xml_node& node : document.children()) {
    if (node.type() == pugi::node_declaration) {
      continue;
    }
    if (node.type() != pugi::node_element || root) {
      return {};
    }
    root = node;
  }
  return root;
}

}  // namespace

const XmlElement* XmlElement::find(std::string_view child) const {
  for (const XmlElement& element : children) {
    if (element.name == child) {
      return &element;
    }
  }
  return nullptr;
}

std::optional<std::string_view> XmlElement::text_of(std::string_view child) const {
  const XmlElement* element = find(child);
  return element == nullptr ? std::nullopt : std::optional<std::string_view>(element->text);
}

std::optional<XmlElement> read_xml(std::string_view document, const XmlLimits& limits) {
  if (document.size() > limits.bytes || document.find('\0') != std::string_view::npos ||
      !is_utf8(document) || !has_only_known_references(document)) {
    return std::nullopt;
  }
  pugi::xml_document parsed;
  const pugi::xml_parse_result result =
      parsed.load_buffer(document.data(), document.size(), kParseOptions, pugi::encoding_utf8);
  if (!result) {
    return std::nullopt;
  }
  const pugi::xml_node root = root_of(parsed);
  XmlElement out;
  if (!root || !Copier(limits).copy(root, out, 1) || !is_utf8(out.text)) {
    return std::nullopt;
  }
  return out;
}

}  // namespace signet::codec
