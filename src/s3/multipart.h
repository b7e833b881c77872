#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "s3/operations.h"

namespace signet::s3 {

// What the operations on uploads in progress share.
class UploadInvocation : public ObjectInvocation {
 public:
  using ObjectInvocation::ObjectInvocation;

 protected:
  [[nodiscard]] std::string upload_id() const;

  // The upload that the request names, in a bucket. NoSuchUpload.
  [[nodiscard]] Result<objects::UploadInfo> require_upload(std::string_view bucket_id) const;
};

// partNumber: 1 to 10,000. InvalidArgument.
[[nodiscard]] Result<std::int64_t> part_number_of(std::optional<std::string_view> text);

}  // namespace signet::s3
