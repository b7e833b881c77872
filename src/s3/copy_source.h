#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "s3/object_request.h"
#include "s3/route.h"

namespace signet::s3 {

// What x-amz-copy-source names.
struct CopySource {
  Address object;
  bool names_version = false;
  std::string version;  // that it names
};

// Reads "/bucket/key" or "bucket/key", encoded as a form's value ('+' is a space), perhaps with
// "?versionId=ID". InvalidArgument for anything else, NotImplemented for access points.
[[nodiscard]] Result<CopySource> parse_copy_source(std::string_view header,
                                                   VersionIds ids = VersionIds::Own);

}  // namespace signet::s3
