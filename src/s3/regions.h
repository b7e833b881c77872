#pragma once

#include <string_view>

namespace signet::identity {
struct Bucket;
}

namespace signet::s3 {

inline constexpr std::string_view kHomeRegion = "us-east-1";

// The constraint that old clients write for Ireland; a bucket made with it says so ever after.
inline constexpr std::string_view kOldIreland = "EU";

// Whether S3 has such a region.
[[nodiscard]] bool is_region(std::string_view text);

// The region that a location constraint means.
[[nodiscard]] std::string_view region_of_constraint(std::string_view constraint);

// Where a bucket is.
[[nodiscard]] std::string_view region_of(const identity::Bucket& bucket);

}  // namespace signet::s3
