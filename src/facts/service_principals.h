#pragma once

#include <string_view>

namespace signet::facts {

// The service principal is one that AWS knows (facts/service_principals.tsv), in any spelling that
// stands for it: as listed (sns.amazonaws.com), with a region (sns.us-east-1.amazonaws.com), or of
// the China partition (sns.amazonaws.com.cn). Case counts. Thread-safe, no allocation beyond the
// name. Source: IAM user guide, AWS service principals; "Service principals in opt-in Regions".
[[nodiscard]] bool is_service_principal(std::string_view name);

}  // namespace signet::facts
