#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signet::agent {

// Whether a host (lower case) is one where AWS's services, its sign-in or its console are reached,
// in any of its partitions: sts.eu-west-1.amazonaws.com, bucket.s3.amazonaws.com,
// signin.aws.amazon.com, signin.eu-west-1.api.aws. Its documentation, for instance, is not.
[[nodiscard]] bool is_aws_host(std::string_view host);

// The domains that S3's buckets are hosts of, in every region.
[[nodiscard]] std::vector<std::string> s3_domains();

}  // namespace signet::agent
