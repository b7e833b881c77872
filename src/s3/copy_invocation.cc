#include "s3/copy_invocation.h"

#include <utility>

#include "facts/errors.h"
#include "s3/copy_source.h"
#include "s3/object_request.h"
#include "s3/range.h"

namespace signet::s3 {

Result<api::CheckList> CopyInvocation::checks(const api::CheckContext& context) {
  source_ = TRY(parse_copy_source(header("x-amz-copy-source").value_or("")));
  return api::CheckList{
      check_of(context.snapshot, context.caller, context.request, "s3:GetObject", source_),
      own_check(context, upload_keys(headers()))};
}

Result<OpenObject> CopyInvocation::open_copy_source(const api::HandlerContext& context) const {
  const identity::Bucket* bucket = context.snapshot.find_bucket(source_.bucket);
  if (bucket == nullptr) {
    return std::unexpected(no_such_bucket(source_.bucket));
  }
  const auto expected = header("x-amz-source-expected-bucket-owner");
  if (expected && *expected != bucket->account) {
    return fail(ErrorCode::AccessDenied, "Access Denied");
  }
  std::optional<OpenObject> source = TRY(store().open_object(store_id(*bucket), source_.key));
  if (!source) {
    return std::unexpected(missing_key(context, source_));
  }
  const ReadConditions conditions{
      .if_match = header("x-amz-copy-source-if-match"),
      .if_none_match = header("x-amz-copy-source-if-none-match"),
      .if_modified_since = header("x-amz-copy-source-if-modified-since"),
      .if_unmodified_since = header("x-amz-copy-source-if-unmodified-since")};
  if (evaluate(conditions, source->info.etag, source->info.modified) != ConditionResult::Proceed) {
    return std::unexpected(facts::make_error(ErrorCode::PreconditionFailed));
  }
  return *std::move(source);
}

}  // namespace signet::s3
