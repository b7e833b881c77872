#pragma once

#include <string>
#include <string_view>

namespace signet::identity {

// The identity store of an IAM Identity Center instance of that account. Its id
// is made of the instance's ARN and the account, since no instance is kept here.
[[nodiscard]] std::string identity_store_arn(std::string_view account,
                                             std::string_view instance_arn);

}  // namespace signet::identity
