#pragma once

#include "authz/check.h"

namespace signet::sts {

// Whether a client means STS's one endpoint for all regions: by its name, or by the pseudo region
// that some SDKs sign for it. This server is regional under every other name that it is called by,
// since clients send any Host with --endpoint-url (aws-wire 1.1).
[[nodiscard]] bool is_global_endpoint(const authz::RequestInfo& request);

}  // namespace signet::sts
