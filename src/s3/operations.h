#pragma once

#include <memory>
#include <utility>

#include "s3/invocation.h"

namespace signet::s3 {

using InvocationPtr = std::unique_ptr<S3Invocation>;

// The invocation of an operation. Each that the facts call implemented is declared here by them;
// the program does not link without its definition.
template <facts::S3Operation operation>
[[nodiscard]] InvocationPtr make(InvocationParts parts);

// NOLINTBEGIN(bugprone-macro-parentheses): the arguments are names
#define SIGNET_S3_OPERATION(operation) \
  template <>                          \
  InvocationPtr make<facts::S3Operation::operation>(InvocationParts parts);
#include "s3/dispatch.inc"
#undef SIGNET_S3_OPERATION

// Defines it for the class that has the operation's name.
#define SIGNET_S3_MAKE(operation)                                            \
  template <>                                                                \
  InvocationPtr make<facts::S3Operation::operation>(InvocationParts parts) { \
    return std::make_unique<operation>(std::move(parts));                    \
  }
// NOLINTEND(bugprone-macro-parentheses)

// The invocation of an operation that only keeps a document (facts/s3_bucket_documents.tsv); null
// for any other.
[[nodiscard]] InvocationPtr make_document_operation(InvocationParts& parts);

// DeleteObjects of a bucket whose objects an upstream holds.
[[nodiscard]] InvocationPtr make_upstream_delete_objects(InvocationParts parts);

}  // namespace signet::s3
