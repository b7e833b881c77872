#include "agent/aws_hosts.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "facts/catalogue.h"

namespace signet::agent {
namespace {

// Each with all that lies under it (botocore's partitions and endpoint rules; signin-api 1).
constexpr std::array<std::string_view, 12> kDomains = {"amazonaws.com",
                                                       "amazonaws.com.cn",
                                                       "amazonaws.eu",
                                                       "api.aws",
                                                       "signin.aws",
                                                       "signin.aws.amazon.com",
                                                       "console.aws.amazon.com",
                                                       "amazonaws.cn",
                                                       "api.amazonwebservices.com.cn",
                                                       "amazonaws-us-gov.com",
                                                       "amazonaws-eusc.eu",
                                                       "api.amazonwebservices.eu"};

}  // namespace

bool is_aws_host(std::string_view host) {
  return std::ranges::any_of(kDomains, [host](std::string_view domain) {
    return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                              host[host.size() - domain.size() - 1] == '.');
  });
}

std::vector<std::string> s3_domains() {
  std::vector<std::string> domains = {"s3.amazonaws.com"};
  for (const facts::Region& region : facts::regions()) {
    const std::string_view end =
        region.partition == "aws-cn" ? ".amazonaws.com.cn" : ".amazonaws.com";
    domains.push_back(concat("s3.", region.name, end));
    domains.push_back(concat("s3.dualstack.", region.name, end));
    domains.push_back(concat("s3-", region.name, end));
  }
  return domains;
}

}  // namespace signet::agent
