#pragma once

#include "s3/copy_source.h"
#include "s3/invocation.h"
#include "s3/object_request.h"

namespace signet::s3 {

// An operation that reads the object x-amz-copy-source names and writes to the one of its path:
// both are decided.
class CopyInvocation : public ObjectInvocation {
 public:
  using ObjectInvocation::ObjectInvocation;

  // As long as the source is large.
  [[nodiscard]] api::Work work() const final { return api::Work::Long; }

  [[nodiscard]] Result<api::CheckList> checks(const api::CheckContext& context) final;

 protected:
  // Whether the call makes an object (s3:ObjectCreationOperation).
  [[nodiscard]] virtual Creation creation() const = 0;

  // Known after checks().
  [[nodiscard]] const Address& source_address() const { return source_.object; }

  [[nodiscard]] bool names_version() const { return source_.names_version; }

  // The source, if the x-amz-copy-source-if-* conditions hold. NoSuchBucket, NoSuchKey (or
  // AccessDenied, as for reads), PreconditionFailed.
  // Says in the answer which version it is, where there are any.
  [[nodiscard]] Result<objects::OpenObject> open_copy_source(const api::HandlerContext& context);

  // Whether the source may be read.
  [[nodiscard]] ObjectQuestion source_question() const;

 private:
  CopySource source_;
};

}  // namespace signet::s3
