#include "facts/s3_documents.h"

#include <iterator>

#include "facts/error_codes.h"
#include "facts/patterns.h"

namespace signet::facts {
namespace {

// Ranges of the tables of members and values, by their ends.
struct ShapeRow {
  DocumentType type;
  std::uint16_t first_member;
  std::uint16_t last_member;
  std::uint16_t first_value;
  std::uint16_t last_value;
  std::uint16_t min_length;
};

#include "facts/s3_documents_table.inc"

constexpr bool rows_match_their_ids() {
  for (std::size_t i = 0; i < std::size(kDocuments); ++i) {
    if (static_cast<std::size_t>(kDocuments[i].id) != i) {
      return false;
    }
  }
  return true;
}

static_assert(rows_match_their_ids());

}  // namespace

const BucketDocumentRow& bucket_document_row(BucketDocument document) {
  return std::span(kDocuments)[static_cast<std::size_t>(document)];
}

DocumentShape document_shape(ShapeIndex index) {
  const ShapeRow& row = std::span(kShapes)[index];
  return {
      .type = row.type,
      .members = std::span(kMembers).subspan(row.first_member, row.last_member - row.first_member),
      .values = std::span(kValues).subspan(row.first_value, row.last_value - row.first_value),
      .min_length = row.min_length};
}

const Pattern& tag_text() {
  return kTagText;
}

}  // namespace signet::facts
