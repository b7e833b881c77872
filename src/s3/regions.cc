#include "s3/regions.h"

#include <algorithm>
#include <array>

#include "identity/entities.h"

namespace signet::s3 {
namespace {

// BucketLocationConstraint of botocore 1.44.8's S3 model, and the one region that has no
// constraint.
constexpr auto kRegions = std::to_array<std::string_view>({
    "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",
    "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
    "ca-central-1",   "ca-west-1",      "cn-north-1",     "cn-northwest-1", "eu-central-1",
    "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",     "eu-west-1",
    "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",
    "mx-central-1",   "sa-east-1",      "us-east-1",      "us-east-2",      "us-gov-east-1",
    "us-gov-west-1",  "us-west-1",      "us-west-2",
});

static_assert(std::is_sorted(kRegions.begin(), kRegions.end()));

}  // namespace

bool is_region(std::string_view text) {
  return std::binary_search(kRegions.begin(), kRegions.end(), text);
}

std::string_view region_of_constraint(std::string_view constraint) {
  return constraint == kOldIreland ? "eu-west-1" : constraint;
}

std::string_view region_of(const identity::Bucket& bucket) {
  return region_of_constraint(bucket.region);
}

}  // namespace signet::s3
