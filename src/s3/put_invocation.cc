#include "s3/put_invocation.h"

#include <utility>

#include "s3/access_list.h"
#include "s3/lifecycle_rules.h"
#include "s3/object_request.h"
#include "s3/upload_headers.h"

namespace signet::s3 {

Result<api::CheckList> PutInvocation::checks(const api::CheckContext& context) {
  return upload_checks(context, Creation::MakesObject);
}

Result<std::unique_ptr<UploadSink>> PutInvocation::begin_put(const api::HandlerContext& context,
                                                             std::int64_t size) {
  const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
  bucket_id_ = charged_store_id(*bucket);
  std::string list = TRY(new_list(context, *bucket));
  headers_ = TRY(stored_headers_of(headers()));
  set_stored_list(headers_, std::move(list));
  condition_ = TRY(condition());
  lock_ = TRY(asked_lock(headers(), *bucket, context.request.now));
  key_ = TRY(key_for_upload(headers(), store().encrypts()));
  if (key_.key != nullptr) {
    objects::set_stored_mark(headers_, objects::mark_of(*key_.key, context.deps.random));
  }
  ExpectedDigests expected = TRY(expected_digests_of(headers()));
  return UploadSink::make(store(),
                          {.bucket = bucket_id_, .key = key(), .customer_key = key_.key},
                          size,
                          std::move(expected));
}

Status PutInvocation::require_begun_bucket(const api::HandlerContext& context) const {
  TRY_STATUS(require_same_bucket(context.snapshot, bucket_id_));
  return {};
}

Status PutInvocation::end_put(UploadSink& sink, const api::HandlerContext& context) {
  const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
  TRY_STATUS(check_stored_list(*bucket, headers_, context.caller, own_arn()));
  const objects::Versioning versioning = versioning_of(*bucket);
  add_default_retention(lock_, *bucket, context.request.now);
  set_lock(headers_, lock_);
  const BodyDigests::Values digests = TRY(sink.verify());
  objects::ObjectInfo info{.key = key(),
                           .etag = etag_of(digests.md5, objects::stored_mark(headers_)),
                           .size = sink.size(),
                           .modified = context.request.now,
                           .checksum = digests.checksum,
                           .headers = std::move(headers_),
                           .version = store().new_version(versioning)};
  tell(info, context);
  tell_made(info, store().encrypts(), versioning);
  add_key_headers(response_.headers, key_);
  add_expiration_header(response_.headers, *bucket, info);
  return store_in(bucket_id_, [&] {
    return store().put(bucket_id_, sink.take_file(), std::move(info), condition_, versioning);
  });
}

}  // namespace signet::s3
