#include "s3/document_form.h"

#include <algorithm>
#include <cstddef>

#include "base/strings.h"
#include "codec/time.h"
#include "codec/xml_writer.h"
#include "identity/settings.h"
#include "s3/answers.h"
#include "s3/xml_body.h"

namespace signet::s3 {
namespace {

using codec::XmlElement;
using facts::DocumentMember;
using facts::DocumentShape;
using facts::DocumentType;
using model::Tag;

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
  if (!trimmed(element.text, kWhiteSpace).empty()) {
    return false;
  }
  for (const DocumentMember& member : shape.members) {
    if (member.is_type) {
      if (!element.type.empty() && !fits_text(facts::document_shape(member.shape), element.type)) {
        return false;
      }
      continue;
    }
    const auto count = std::ranges::count(element.children, member.name, &XmlElement::name);
    if ((member.is_required && count == 0) || (!member.is_repeated && count > 1)) {
      return false;
    }
  }
  return std::ranges::all_of(element.children, [&](const XmlElement& child) {
    const DocumentMember* member = member_of(shape, child.name);
    return member != nullptr && !member->is_type &&
           fits(facts::document_shape(member->shape), child);
  });
}

bool fits(const DocumentShape& shape, const XmlElement& element) {
  if (shape.type == DocumentType::Structure) {
    return fits_structure(shape, element);
  }
  const std::string_view text = trimmed(element.text, kWhiteSpace);
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

// Opens an element, with its type where its shape knows one.
void open(codec::XmlWriter& xml, const DocumentShape& shape, const XmlElement& element) {
  xml.open(element.name);
  if (!element.type.empty() && std::ranges::any_of(shape.members, &DocumentMember::is_type)) {
    xml.type(element.type);
  }
}

void write(codec::XmlWriter& xml, const DocumentShape& shape, const XmlElement& element) {
  if (shape.type != DocumentType::Structure) {
    xml.text(shape.type == DocumentType::Text ? std::string_view(element.text)
                                              : trimmed(element.text, kWhiteSpace));
    return;
  }
  for (const DocumentMember& member : shape.members) {
    for (const XmlElement& child : element.children) {
      if (child.name == member.name) {
        open(xml, facts::document_shape(member.shape), child);
        write(xml, facts::document_shape(member.shape), child);
        xml.close(child.name);
      }
    }
  }
}

// Name of the setting that a document is. On disk: do not change.
constexpr std::string_view kPrefix = "document.";

std::string setting_of(const facts::BucketDocumentRow& row, std::string_view id = {}) {
  return row.list_root.empty() ? concat(kPrefix, row.name) : concat(kPrefix, row.name, "/", id);
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
  out += row.preset == "<>" ? std::string_view() : row.preset;
  xml.close(row.root);
  return out;
}

// Documents are kept among the settings of the bucket.

const std::string* kept_document(const identity::Bucket& bucket,
                                 const facts::BucketDocumentRow& row,
                                 std::string_view id) {
  // Without a copy of the name where it can be done: every call about an object asks.
  const auto kept =
      row.list_root.empty()
          ? std::ranges::find_if(bucket.settings,
                                 [&](const Tag& setting) {
                                   return setting.key.size() == kPrefix.size() + row.name.size() &&
                                          setting.key.starts_with(kPrefix) &&
                                          setting.key.ends_with(row.name);
                                 })
          : std::ranges::find(bucket.settings, setting_of(row, id), &Tag::key);
  return kept != bucket.settings.end() ? &kept->value : nullptr;
}

std::vector<std::pair<std::string_view, const std::string*>> kept_documents(
    const identity::Bucket& bucket, const facts::BucketDocumentRow& row) {
  const std::string prefix = setting_of(row);
  std::vector<std::pair<std::string_view, const std::string*>> found;
  for (const Tag& setting : bucket.settings) {
    if (setting.key.starts_with(prefix)) {
      found.emplace_back(std::string_view(setting.key).substr(prefix.size()), &setting.value);
    }
  }
  return found;
}

void keep_document(identity::Bucket& bucket,
                   const facts::BucketDocumentRow& row,
                   const std::string* text,
                   std::string_view id) {
  identity::set_setting(
      bucket.settings, setting_of(row, id), text != nullptr ? std::optional(*text) : std::nullopt);
}

bool has_flag(const identity::Bucket& bucket,
              facts::BucketDocument document,
              std::string_view member) {
  const std::string* kept = kept_document(bucket, facts::bucket_document_row(document));
  return kept != nullptr && kept->contains(concat("<", member, ">true<"));
}

}  // namespace signet::s3
