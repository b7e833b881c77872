// PutObject.
#include <utility>

#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/put_invocation.h"
#include "s3/upload_headers.h"
#include "s3/upload_sink.h"

namespace signet::s3 {
namespace {

using api::HandlerContext;
using authz::Authorized;

class PutObject final : public PutInvocation {
 public:
  using PutInvocation::PutInvocation;

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Stream; }

  Result<std::unique_ptr<api::BodySink>> open_upload(const Authorized& /*proof*/,
                                                     HandlerContext& context) override {
    return begin_put(context, request().content_length);
  }

  void take_sink(std::unique_ptr<api::BodySink> sink) override {
    // Only open_upload() makes sinks for this invocation.
    sink_.reset(static_cast<UploadSink*>(sink.release()));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const std::unique_ptr<UploadSink> sink = std::move(sink_);  // ends here, not on a loop
    TRY_STATUS(require_begun_bucket(context));
    return end_put(*sink, context);
  }

 private:
  [[nodiscard]] Result<objects::WriteCondition> condition() const override {
    return upload_condition_of(headers());
  }

  void tell(const objects::ObjectInfo& info, const HandlerContext& /*context*/) override {
    response_.headers.add("ETag", quoted(info.etag));
    add_checksum_headers(response_.headers, *info.checksum);
  }

  std::unique_ptr<UploadSink> sink_;
};

}  // namespace

SIGNET_S3_MAKE(PutObject)

}  // namespace signet::s3
