#pragma once

#include <string_view>

namespace signet::s3 {

// Whether a new bucket may have this name (S3 user guide, bucket naming rules for general purpose
// buckets).
[[nodiscard]] bool is_new_bucket_name(std::string_view name);

// Whether any bucket could have this name: what a request may ask for.
[[nodiscard]] bool is_possible_bucket_name(std::string_view name);

}  // namespace signet::s3
