#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/xml_reader.h"
#include "facts/s3_documents.h"
#include "identity/entities.h"

namespace signet::s3 {

// Reads the document of a request and holds it to the form that S3's model has for it: every
// element known, as often as it may be, its text what it may be. Nothing if it does not fit, which
// S3 answers with MalformedXML.
[[nodiscard]] std::optional<codec::XmlElement> read_document(const facts::BucketDocumentRow& row,
                                                             std::string_view body);

// The same document as answers show it: the elements in the order of the model, in S3's namespace,
// without white space between them. `root` is one that read_document() gave.
[[nodiscard]] std::string document_text(const facts::BucketDocumentRow& row,
                                        const codec::XmlElement& root);

// The element with that content, as answers show it. `content` is trusted XML.
[[nodiscard]] std::string preset_text(const facts::BucketDocumentRow& row);

// The document that a bucket keeps; null if it has none. `id`: of those that it may have several
// of.
[[nodiscard]] const std::string* kept_document(const identity::Bucket& bucket,
                                               const facts::BucketDocumentRow& row,
                                               std::string_view id = {});

// All that it has of that kind, by their ids.
[[nodiscard]] std::vector<std::pair<std::string_view, const std::string*>> kept_documents(
    const identity::Bucket& bucket, const facts::BucketDocumentRow& row);

// Replaces it, or takes it away: null.
void keep_document(identity::Bucket& bucket,
                   const facts::BucketDocumentRow& row,
                   const std::string* text,
                   std::string_view id = {});

// Whether a member of the document that a bucket keeps is "true"; false if it has none.
[[nodiscard]] bool has_flag(const identity::Bucket& bucket,
                            facts::BucketDocument document,
                            std::string_view member);

}  // namespace signet::s3
