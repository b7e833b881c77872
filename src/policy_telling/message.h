#pragma once

#include <string>
#include <string_view>

#include "policy_engine/decide.h"

namespace signet::policy {

// What the AccessDenied sentence is made of (aws-wire 2.3, 2.6, 2.7).
struct DenialText {
  std::string_view caller_arn;  // empty: anonymous
  std::string_view action;
  std::string_view
      resource;  // as the operation renders it (aws-wire 2.4); empty: no "on resource" clause
  bool quote_resource = false;  // S3
  bool with_reason = true;      // AssumeRole and its companions say no reason (aws-wire 2.6)
};

// "User: ARN is not authorized to perform: ACTION on resource: R because no identity-based policy
// allows the ACTION action". An explicit deny by a managed policy (a member whose id is an ARN)
// ends in ": POLICY-ARN". No full stop.
// AWS-DIFF: since 2026 AWS's IAM adds a link to its console with the id of the request's details
// (aws-wire 2.3); Signet sends the details in a header (decision 0012).
[[nodiscard]] std::string access_denied_message(const Decision& decision, const DenialText& text);

// The reason alone: "with an explicit deny in a permissions boundary", "because no ... allows the
// ... action".
[[nodiscard]] std::string denial_reason(const Decision& decision, std::string_view action);

}  // namespace signet::policy
