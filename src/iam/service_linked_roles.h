#pragma once

#include <string>
#include <string_view>

#include "api/operation.h"
#include "base/result.h"
#include "identity/entities.h"

namespace signet::iam {

// A service-linked role to be (aws-wire 4.19).
struct NewServiceLinkedRole {
  std::string_view service;      // batch.amazonaws.com; case counts
  std::string_view suffix;       // empty: none
  std::string_view description;  // empty: what the service gives it
};

// What must be allowed to make it: iam:CreateServiceLinkedRole with iam:AWSServiceName.
[[nodiscard]] api::Check service_linked_role_check(const api::CheckContext& context,
                                                   const NewServiceLinkedRole& wanted);

// Makes it in the write of the context, in the caller's account, as it stands with the earlier
// changes of that write. InvalidInput for a service that has none, a suffix that it does not allow,
// or a name that is taken.
[[nodiscard]] Result<identity::Role> create_service_linked_role(const api::HandlerContext& context,
                                                                const NewServiceLinkedRole& wanted);

// The same for what needs the role: one of that name that is there already stays as it is.
[[nodiscard]] Status ensure_service_linked_role(const api::HandlerContext& context,
                                                std::string_view service);

}  // namespace signet::iam
