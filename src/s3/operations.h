#pragma once

#include <memory>

#include "s3/invocation.h"

namespace signet::s3 {

// The implemented operations, by theme. Each makes the invocation of a row of its theme; null for
// any other row.
using InvocationPtr = std::unique_ptr<S3Invocation>;

[[nodiscard]] InvocationPtr make_bucket_operation(InvocationParts& parts);
[[nodiscard]] InvocationPtr make_bucket_policy_operation(InvocationParts& parts);
[[nodiscard]] InvocationPtr make_list_operation(InvocationParts& parts);
[[nodiscard]] InvocationPtr make_read_operation(InvocationParts& parts);
[[nodiscard]] InvocationPtr make_write_operation(InvocationParts& parts);
[[nodiscard]] InvocationPtr make_copy_operation(InvocationParts& parts);
[[nodiscard]] InvocationPtr make_delete_operation(InvocationParts& parts);
[[nodiscard]] InvocationPtr make_multipart_operation(InvocationParts& parts);
// Those that only keep a document (facts/s3_bucket_documents.tsv).
[[nodiscard]] InvocationPtr make_document_operation(InvocationParts& parts);

}  // namespace signet::s3
