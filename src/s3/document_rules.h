#pragma once

#include "base/random.h"
#include "base/result.h"
#include "codec/xml_reader.h"
#include "facts/s3_documents.h"

namespace signet::s3 {

// What S3 asks of a document besides its form: each fault as S3 says it. Completes what S3 makes up
// itself, the ids of lifecycle rules that have none. `root` is one that read_document() gave.
[[nodiscard]] Status complete_document(facts::BucketDocument document,
                                       codec::XmlElement& root,
                                       Random& random);

}  // namespace signet::s3
