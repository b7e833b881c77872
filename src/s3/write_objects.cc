// PutObject.
#include <utility>

#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/upload_headers.h"
#include "s3/upload_sink.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

class PutObject final : public ObjectInvocation {
 public:
  using ObjectInvocation::ObjectInvocation;

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Stream; }

  Result<CheckList> checks(const CheckContext& context) override {
    const std::vector<authz::ContextEntry> keys = upload_keys(headers(), Creation::MakesObject);
    CheckList list = only(own_check(context, keys));
    add_implied_checks(context, keys, list);
    return list;
  }

  Result<std::unique_ptr<api::BodySink>> open_upload(const Authorized& /*proof*/,
                                                     HandlerContext& context) override {
    const identity::Bucket* bucket = TRY(require_bucket(context.snapshot));
    bucket_id_ = charged_store_id(*bucket);
    TRY_STATUS(refuse_acls(headers()));
    headers_ = TRY(stored_headers_of(headers()));
    condition_ = TRY(write_condition_of(headers()));
    ExpectedDigests expected = TRY(expected_digests_of(headers()));
    return UploadSink::make(store(),
                            {.bucket = bucket_id_, .key = key()},
                            request().content_length,
                            std::move(expected));
  }

  void take_sink(std::unique_ptr<api::BodySink> sink) override {
    // Only open_upload() makes sinks for this invocation.
    sink_.reset(static_cast<UploadSink*>(sink.release()));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const std::unique_ptr<UploadSink> sink = std::move(sink_);  // ends here, not on a loop
    TRY_STATUS(require_same_bucket(context.snapshot, bucket_id_));
    const objects::Versioning versioning = versioning_of(*TRY(require_bucket(context.snapshot)));
    const BodyDigests::Values digests = TRY(sink->verify());
    objects::ObjectInfo info{.key = key(),
                             .etag = hex_of(digests.md5),
                             .modified = context.request.now,
                             .checksum = digests.checksum,
                             .headers = std::move(headers_),
                             .version = store().new_version(versioning)};
    response_.headers.add("ETag", quoted(info.etag));
    add_checksum_headers(response_.headers, digests.checksum);
    add_encryption_header(response_.headers, store().encrypts());
    if (versioning == objects::Versioning::Enabled) {
      add_version_header(response_.headers, versioning, info);
    }
    return store().put(bucket_id_, sink->take_file(), std::move(info), condition_, versioning);
  }

 private:
  std::string bucket_id_;
  objects::StoredHeaders headers_;
  objects::WriteCondition condition_;
  std::unique_ptr<UploadSink> sink_;
};

}  // namespace

SIGNET_S3_MAKE(PutObject)

}  // namespace signet::s3
