#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "objects/object_info.h"
#include "objects/object_store.h"
#include "s3/customer_key.h"
#include "s3/invocation.h"
#include "s3/object_lock.h"
#include "s3/upload_sink.h"

namespace signet::s3 {

// What PutObject and a browser's form have in common: the bytes of the request become the object of
// its key.
class PutInvocation : public ObjectInvocation {
 public:
  using ObjectInvocation::ObjectInvocation;

  [[nodiscard]] Result<api::CheckList> checks(const api::CheckContext& context) override;

 protected:
  // When the object must be there, or must not.
  [[nodiscard]] virtual Result<objects::WriteCondition> condition() const = 0;

  // What the answer says of an object that is about to be made, besides its encryption and version.
  virtual void tell(const objects::ObjectInfo& info, const api::HandlerContext& context) = 0;

  // Where the bytes go to; so many are expected.
  [[nodiscard]] Result<std::unique_ptr<UploadSink>> begin_put(const api::HandlerContext& context,
                                                              std::int64_t size);

  // The bucket is still the one that the bytes were taken for.
  [[nodiscard]] Status require_begun_bucket(const api::HandlerContext& context) const;

  // Makes the object of the bytes that the sink took.
  [[nodiscard]] Status end_put(UploadSink& sink, const api::HandlerContext& context);

 private:
  // Known after begin_put().
  std::string bucket_id_;
  objects::StoredHeaders headers_;
  ObjectLock lock_;  // that the request wants
  GivenKey key_;
  objects::WriteCondition condition_;
};

}  // namespace signet::s3
