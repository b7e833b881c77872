#pragma once

#include <memory>

#include "signin/invocation.h"

namespace signet::signin {

// POST /_console/api/root-mfa-device, for the console's own page: root takes a virtual MFA device
// of its account (CreateVirtualMFADevice) into use, with two consecutive codes. EnableMFADevice is
// for IAM users alone; AWS's console does this for root, and so does this one (decision 0054). JSON
// with serialNumber, authenticationCode1 and authenticationCode2.
[[nodiscard]] std::unique_ptr<api::WebInvocation> make_enable_root_device(const SigninParts& parts);

}  // namespace signet::signin
