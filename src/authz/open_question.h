#pragma once

#include <string>
#include <vector>

#include "authz/authz_context.h"
#include "authz/check.h"

namespace signet::authz {

// Context keys that somebody gives for a request.
struct GivenContext {
  std::vector<ContextEntry> entries;  // win over what the request itself carries
  bool is_whole = false;              // they are all there is: those of a request that was recorded
};

// A check with everything that would decide it now, as the JSON object that `signet policy explain`
// reads (docs/reference/policy-batch.md): every policy with its name, and the context.
[[nodiscard]] std::string open_question(const AuthzContext& context,
                                        const Check& check,
                                        const GivenContext& given);

}  // namespace signet::authz
