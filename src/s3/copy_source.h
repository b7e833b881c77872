#pragma once

#include <string_view>

#include "base/result.h"
#include "s3/route.h"

namespace signet::s3 {

// The object that x-amz-copy-source names: "/bucket/key" or "bucket/key", percent-encoded, perhaps
// with
// "?versionId=null". InvalidArgument for anything else, NotImplemented for access points.
[[nodiscard]] Result<Address> parse_copy_source(std::string_view header);

}  // namespace signet::s3
