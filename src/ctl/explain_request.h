#pragma once

#include "ctl/commands.h"

namespace signet::ctl {

// `signet policy explain --request-id`: what the audit trail of a folder kept of a request, and, if
// it was refused by a policy, how the policies of now would decide it.
int explain_request(const PolicyExplainOptions& options);

}  // namespace signet::ctl
