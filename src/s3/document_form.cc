#include "s3/document_form.h"

#include <algorithm>
#include <cstddef>

#include "base/strings.h"
#include "codec/time.h"
#include "codec/xml_writer.h"
#include "s3/answers.h"
#include "s3/xml_body.h"

namespace signet::s3 {
namespace {

using codec::XmlElement;
using facts::DocumentMember;
using facts::DocumentShape;
using facts::DocumentType;

constexpr std::size_t kDepth = 8;
constexpr std::size_t kElements = 50'000;

const DocumentMember* member_of(const DocumentShape& shape, std::string_view name) {
  const auto found = std::ranges::find(shape.members, name, &DocumentMember::name);
  return found == shape.members.end() ? nullptr : &*found;
}

bool is_whole_number(std::string_view text) {
  return parse_decimal(text.substr(text.starts_with('-') ? 1 : 0)).has_value();
}

bool fits_text(const DocumentShape& shape, std::string_view text) {
  return shape.values.empty() ? utf8_length(text) >= shape.min_length
                              : std::ranges::find(shape.values, text) != shape.values.end();
}

bool fits(const DocumentShape& shape, const XmlElement& element);

bool fits_structure(const DocumentShape& shape, const XmlElement& element) {
  if (!trimmed(element.text).empty()) {
    return false;
  }
  for (const DocumentMember& member : shape.members) {
    const auto count = std::ranges::count(element.children, member.name, &XmlElement::name);
    if ((member.is_required && count == 0) || (!member.is_repeated && count > 1)) {
      return false;
    }
  }
  return std::ranges::all_of(element.children, [&](const XmlElement& child) {
    const DocumentMember* member = member_of(shape, child.name);
    return member != nullptr && fits(facts::document_shape(member->shape), child);
  });
}

bool fits(const DocumentShape& shape, const XmlElement& element) {
  if (shape.type == DocumentType::Structure) {
    return fits_structure(shape, element);
  }
  const std::string_view text = trimmed(element.text);
  if (!element.children.empty()) {
    return false;
  }
  switch (shape.type) {
    case DocumentType::Whole:
      return is_whole_number(text);
    case DocumentType::Flag:
      return text == "true" || text == "false";
    case DocumentType::Time:
      return codec::parse_iso8601(text).has_value();
    default:
      return fits_text(shape, element.text);
  }
}

void write(codec::XmlWriter& xml, const DocumentShape& shape, const XmlElement& element) {
  if (shape.type != DocumentType::Structure) {
    xml.text(shape.type == DocumentType::Text ? std::string_view(element.text)
                                              : trimmed(element.text));
    return;
  }
  for (const DocumentMember& member : shape.members) {
    for (const XmlElement& child : element.children) {
      if (child.name == member.name) {
        xml.open(child.name);
        write(xml, facts::document_shape(member.shape), child);
        xml.close(child.name);
      }
    }
  }
}

}  // namespace

std::optional<XmlElement> read_document(const facts::BucketDocumentRow& row,
                                        std::string_view body) {
  const codec::XmlLimits limits{.bytes = row.max_bytes, .depth = kDepth, .elements = kElements};
  std::optional<XmlElement> root = codec::read_xml(body, limits);
  if (!root || root->name != row.root || !fits(facts::document_shape(row.shape), *root)) {
    return std::nullopt;
  }
  return root;
}

std::string document_text(const facts::BucketDocumentRow& row, const XmlElement& root) {
  std::string out;
  codec::XmlWriter xml(out, codec::Controls::Reference);
  xml.open(row.root, kXmlNamespace);
  write(xml, facts::document_shape(row.shape), root);
  xml.close(row.root);
  return out;
}

std::string preset_text(const facts::BucketDocumentRow& row) {
  std::string out;
  codec::XmlWriter xml(out);
  xml.open(row.root, kXmlNamespace);
  out += row.preset;
  xml.close(row.root);
  return out;
}

}  // namespace signet::s3
