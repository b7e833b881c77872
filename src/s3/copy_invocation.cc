#include "s3/copy_invocation.h"

#include <utility>

#include "base/fail_because.h"
#include "base/strings.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "objects/range.h"
#include "s3/archive.h"
#include "s3/copy_source.h"
#include "s3/customer_key.h"
#include "s3/object_request.h"

namespace signet::s3 {

namespace {

// How S3 names the condition that did not hold.
std::string_view failed_condition(const objects::ReadConditions& conditions,
                                  objects::ConditionResult result) {
  if (result == objects::ConditionResult::NotModified) {
    return conditions.if_none_match ? "x-amz-copy-source-If-None-Match"
                                    : "x-amz-copy-source-If-Modified-Since";
  }
  return conditions.if_match ? "x-amz-copy-source-If-Match"
                             : "x-amz-copy-source-If-Unmodified-Since";
}

}  // namespace

Result<api::CheckList> CopyInvocation::checks(const api::CheckContext& context) {
  source_ = TRY(parse_copy_source(header("x-amz-copy-source").value_or(""), version_ids()));
  // As policies name it, however the header is written (leading slash, escapes): a Deny must not
  // be passed by another spelling.
  std::vector<authz::ContextEntry> keys = upload_keys(headers(), creation(), context.request.now);
  keys.push_back({.key = "s3:x-amz-copy-source",
                  .values = {concat(source_.object.bucket, "/", source_.object.key)}});
  api::CheckList list{check_on_tags(context, source_question()), own_check(context, keys)};
  add_implied_checks(context, keys, list);
  return list;
}

ObjectQuestion CopyInvocation::source_question() const {
  ObjectQuestion question{.action = source_.names_version ? "s3:GetObjectVersion" : "s3:GetObject",
                          .on = source_.object,
                          .keys = {}};
  if (source_.names_version) {
    question.keys.push_back({.key = "s3:VersionId", .values = {source_.version}});
  }
  return question;
}

Result<objects::OpenObject> CopyInvocation::open_copy_source(const api::HandlerContext& context) {
  const identity::Bucket* bucket = context.snapshot.find<identity::Bucket>(source_.object.bucket);
  if (bucket == nullptr) {
    return std::unexpected(no_such_bucket(source_.object.bucket));
  }
  TRY_STATUS(check_owner(*bucket, "x-amz-source-expected-bucket-owner"));
  if (upstream_of(source_.object.bucket) != nullptr) {
    TRY_STATUS(decide_on_tags(context, source_question(), nullptr));
    return copy_between_places();
  }
  Result<GivenKey> given = given_key(headers(), KeyFor::CopySource);
  std::optional<objects::OpenObject> source = TRY(store().open_object(
      store_id(*bucket), source_.object.key, source_.version, given ? given->key : nullptr));
  TRY_STATUS(decide_on_tags(context, source_question(), source ? &source->info.headers : nullptr));
  if (!source) {
    return std::unexpected(missing_version(context, source_.object, source_.version));
  }
  if (source->info.is_marker) {
    return copy_of_marker();
  }
  const GivenKey source_key = TRY(std::move(given));
  TRY_STATUS(check_key(source_key, source->info.headers));
  TRY_STATUS(check_copyable(source->info.headers, context.request.now));
  if (!source->info.version.empty()) {  // of the null version it is not told (recorded)
    response_.headers.add("x-amz-copy-source-version-id", objects::shown_version(source->info));
  }
  const objects::ReadConditions conditions{
      .if_match = header("x-amz-copy-source-if-match"),
      .if_none_match = header("x-amz-copy-source-if-none-match"),
      .if_modified_since = header("x-amz-copy-source-if-modified-since"),
      .if_unmodified_since = header("x-amz-copy-source-if-unmodified-since")};
  const objects::ConditionResult result =
      evaluate(conditions, source->info.etag, source->info.modified, context.request.now);
  if (result != objects::ConditionResult::Proceed) {
    Error error = facts::make_error(ErrorCode::PreconditionFailed);
    error.fields.emplace_back("Condition", failed_condition(conditions, result));
    return std::unexpected(std::move(error));
  }
  return *std::move(source);
}

}  // namespace signet::s3
