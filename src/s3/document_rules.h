#pragma once

#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "codec/xml_reader.h"
#include "facts/s3_documents.h"
#include "identity/snapshot.h"

namespace signet::s3 {

// What a document is put with.
struct DocumentRequest {
  Random& random;
  const identity::Bucket* bucket = nullptr;      // null: of a declaration
  const identity::Snapshot* snapshot = nullptr;  // that the bucket is in
  std::string_view id = {};                      // that the request names
  bool takes_lists = true;  // false: its objects lie where there are no access control lists
  bool skips_destinations = false;  // x-amz-skip-destination-validation
};

// Whether a document is the same as having none: an empty set of tags (recorded).
[[nodiscard]] bool says_nothing(facts::BucketDocument document, const codec::XmlElement& root);

// What S3 asks of a document besides its form: each fault as S3 says it. Completes what S3 makes up
// itself: the ids of rules that have none, and flags that are not given. `root` is one that
// read_document() gave.
[[nodiscard]] Status complete_document(facts::BucketDocument document,
                                       codec::XmlElement& root,
                                       const DocumentRequest& request);

}  // namespace signet::s3
