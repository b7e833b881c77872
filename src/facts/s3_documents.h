#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "facts/s3_document_ids.h"  // IWYU pragma: export
#include "facts/wire/pattern.h"

namespace signet::facts {

// A place in DocumentShape's table.
using ShapeIndex = std::uint16_t;

// An element inside another one.
struct DocumentMember {
  std::string_view name;
  ShapeIndex shape;
  bool is_required;
  bool is_repeated;  // may stand any number of times; otherwise once
  bool is_type;      // no element, but the attribute xsi:type of the element around it
};

enum class DocumentType : std::uint8_t {
  Structure,  // elements and no text
  Text,
  Whole,  // a whole number
  Flag,   // true or false
  Time,   // ISO 8601
};

// What an element of S3's documents may hold (facts/shapes/s3_documents.json).
struct DocumentShape {
  DocumentType type;
  std::span<const DocumentMember> members;   // of a Structure, in the order of the model
  std::span<const std::string_view> values;  // the only ones a Text may be; empty: any
  std::size_t min_length;                    // characters of a Text
};

// A row of facts/s3_bucket_documents.tsv.
struct BucketDocumentRow {
  BucketDocument id;
  std::string_view name;  // on disk
  std::string_view root;  // element
  ShapeIndex shape;
  std::uint16_t put_status;
  ErrorCode absent;         // what is answered when there is none; unused with a preset
  bool has_preset;          // whether an element is answered then
  std::string_view preset;  // its content
  std::size_t max_bytes;
  std::string_view header;  // of the answers to get and put; empty: none
  std::string_view header_value;
  // Element of their list, where a bucket may have several, told apart by ids; empty: one at most.
  std::string_view list_root;
  bool needs_digest;  // a put must carry a checksum of it
};

[[nodiscard]] const BucketDocumentRow& bucket_document_row(BucketDocument document);

[[nodiscard]] DocumentShape document_shape(ShapeIndex index);

// What keys and values of tags may be made of.
[[nodiscard]] const Pattern& tag_text();

}  // namespace signet::facts
